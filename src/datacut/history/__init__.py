"""Where a number comes from: reads stored builds and runs nothing (decision 37)."""
