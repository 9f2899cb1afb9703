"""The formats that photos are in: what Pillow calls each, and what its files' names end with."""

FORMATS = {"JPEG": (".jpg", ".jpeg"), "PNG": (".png",)}

EXTENSIONS = tuple(ending for endings in FORMATS.values() for ending in endings)
"""What a photo's name ends with, in any case."""

SAID = " or ".join(FORMATS)
"""What a photo is, in a sentence."""
