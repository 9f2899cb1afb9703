"""The pipeline, telling what happens as typed events."""
