"""exiftool: one that stays open, and what is asked of it."""
