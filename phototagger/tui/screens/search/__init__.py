"""Searching: the field, and what it finds as the photos that are shown."""
