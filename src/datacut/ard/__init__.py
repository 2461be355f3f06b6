"""Statistics verbs, and the builder that turns one output spec into analysis results."""
