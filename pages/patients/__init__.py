"""Pages on single patients."""
