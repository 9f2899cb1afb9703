"""Giving memory back to the system."""

from __future__ import annotations

import ctypes


def give_back() -> None:
    """Give back what was freed but is still held, where the C library can (glibc).

    Worth calling after something that made and dropped objects by the hundred thousand: what is
    left of them is spread, and would be held until the end. Takes a few milliseconds.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
