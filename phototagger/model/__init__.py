"""The network that makes vectors of photos and of labels."""
