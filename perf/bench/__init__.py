"""The parts of perf/bench.py: one noun each. Every server is started here and stopped by its pid."""
