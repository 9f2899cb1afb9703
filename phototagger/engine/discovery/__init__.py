"""Providers of labels beyond the labels file: asked for the photos of a job, and reported."""
