"""The review: what a person sees of the photos, and the keys by which they decide."""
