"""Memory that was freed, given back to the system: by the C library's own means (glibc)."""

from __future__ import annotations

import ctypes

_MMAP_THRESHOLD, _ARENA_MAX = -3, -8  # of mallopt(3)
_LARGE = 128 * 1024


def give_back_large() -> None:
    """Have each large array given back as soon as it is freed.

    By default the C library comes to keep them, up to 32 MB, in a heap that gets holes as they
    grow. To be called once, before there are any.
    """
    _call("mallopt", _MMAP_THRESHOLD, _LARGE)


def share_one_heap() -> None:
    """Have all threads share one heap.

    By default each has one of its own and keeps there what it freed, for itself alone. To be called
    once, before there are threads.
    """
    _call("mallopt", _ARENA_MAX, 1)


def give_back() -> None:
    """Give back what was freed in small pieces."""
    _call("malloc_trim", 0)


def _call(name: str, *words: int) -> None:
    function = getattr(ctypes.CDLL(None), name, None)
    if function is not None:
        function(*words)
