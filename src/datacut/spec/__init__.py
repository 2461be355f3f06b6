"""The spec language: documents, models, grammars, verbs, plans. No frames."""
