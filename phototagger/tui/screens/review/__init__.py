"""The review: photos, labels, decisions."""
