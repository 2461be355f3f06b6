"""The order of the stages, and what happens around them: caching, writing, publishing."""
