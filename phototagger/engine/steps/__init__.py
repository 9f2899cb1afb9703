"""What each step does: ``<word>(job)`` tells its events, ``outputs`` and ``planned`` what of it."""
