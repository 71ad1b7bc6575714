"""Pages on what became of the patients."""
