"""What differs between two datasets, or two tables, made of the same by two: records paired, values compared."""
