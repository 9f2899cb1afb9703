"""Bytes → upright pixels, within limits."""
