"""What a built dataset and a result is: model, lineage, conformity to its spec, names of several parts."""
