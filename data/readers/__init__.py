"""Readers of source formats: a folder or a zip of CSV files."""
