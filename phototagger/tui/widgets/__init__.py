"""Widgets: each shows one thing and says what the person did."""
