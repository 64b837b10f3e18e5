"""The parts of perf/sweep.py: one noun each. What runs servers and load is perf/bench's."""
