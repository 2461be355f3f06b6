"""Vectors in, vectors out: no spec, no study, no file. Import from the module that names the subject."""
