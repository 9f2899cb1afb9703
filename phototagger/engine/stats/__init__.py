"""What was suggested and decided, counted, and how good it is."""
