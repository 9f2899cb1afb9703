"""The sample of a certificate: its screen, and what leads there and on from it."""
