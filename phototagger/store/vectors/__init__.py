"""Vectors by the content of their photos."""
