"""The ratios the design promises, measured on this machine: `uv run python -m benchmarks`."""
