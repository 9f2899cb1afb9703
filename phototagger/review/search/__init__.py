"""Looking for photos: by words, likeness, names, labels, dates and cameras."""
