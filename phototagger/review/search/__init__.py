"""Looking for photos: by words, likeness, names, labels and dates."""
