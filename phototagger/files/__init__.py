"""Files, whole or not at all, in folders that may be somebody else's."""
