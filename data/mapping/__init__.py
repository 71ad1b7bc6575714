"""Mapping: a department's own columns become those of the source format."""
