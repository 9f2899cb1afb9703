"""What each step does: ``<word>(job)`` yields events; ``outputs`` and ``planned`` tell of it."""
