"""What is remembered: the catalogue, the vectors, the run folders."""
