"""Toxicity, dose-limiting events and B cells after CAR-T. Import from the module that names the subject."""
