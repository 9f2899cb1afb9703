"""A damaged catalogue: what of it is whole, and a new one made of that."""
