"""Measurements: of quality, time and memory, run by hand."""

import phototagger  # noqa: F401  # before numpy, as where it is used
