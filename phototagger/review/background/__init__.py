"""What a review does beside the keys, on worker threads."""
