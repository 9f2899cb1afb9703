"""What was suggested and decided about labels."""
