"""The parts of perf/archive.py: one noun each. How processes are run and read is perf/bench's."""
