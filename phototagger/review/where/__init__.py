"""Where a person is: what the folder holds, and the place to open at next time."""
