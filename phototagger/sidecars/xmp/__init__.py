"""XMP: read, written, and the keywords in it."""
