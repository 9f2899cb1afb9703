"""A library in several parts: computed apart, on any machine, and brought together."""
