"""The token bucket beside other Python rate limiters: `uv run --group bench python -m tests.bench.quota`."""
