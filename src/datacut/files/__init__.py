"""Reading and writing of built datasets and results: XPT, Dataset-JSON, Parquet, CSV, workbooks, the manifest."""
