"""Raw exports to text frames with row identity; every misfit of file and CRF spec is a finding."""
