"""Built datasets: shape, checks, files, lineage, comparison, and the contract of analysis results."""
