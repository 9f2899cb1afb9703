"""Measurements: of quality, time and memory, run by hand."""
