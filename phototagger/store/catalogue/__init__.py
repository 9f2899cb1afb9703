"""The catalogue: one SQLite file that shows where it was damaged."""
