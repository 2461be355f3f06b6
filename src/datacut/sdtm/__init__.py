"""SDTM: mapping verbs, derivations on built domains, and the builder that executes the domain specs."""
