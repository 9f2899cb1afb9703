"""One look at each photo: read once, decoded once."""
