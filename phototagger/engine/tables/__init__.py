"""What a job knows → the rows of its tables."""
