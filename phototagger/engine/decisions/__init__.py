"""Decisions as the pipeline uses and makes them."""
