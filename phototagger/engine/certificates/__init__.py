"""Approving the rest with a number: samples are drawn, looked at, tested, and allow an act."""
