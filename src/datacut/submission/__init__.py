"""What goes with the datasets to an agency: Define-XML made from specs and built datasets."""
