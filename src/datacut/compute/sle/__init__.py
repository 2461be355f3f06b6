"""Activity, treatment and response of systemic lupus erythematosus. Import from the module that names the subject."""
