"""The model in a process of its own, and the talk with it."""
