"""Stacks in the review: which there are, how a view shows them, what is decided on them."""
