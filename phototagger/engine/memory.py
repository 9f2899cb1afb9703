"""Memory that was freed: kept for the next, or given back, by the C library's own means (glibc)."""

import ctypes

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # of mallopt(3)
_LARGE = 128 * 1024
_MOST = 15 * 2**20  # Pillow's pieces of large photos have 16 MB: kept, they would leave holes


def give_back_large() -> None:
    """Have each large array given back as soon as it is freed.

    By default the C library comes to keep them, up to 32 MB, in a heap that gets holes as they
    grow.
    """
    _set_large(_LARGE, _LARGE)


def keep_large() -> None:
    """Keep the memory of freed large arrays for the next ones, until ``give_back_large``.

    Each batch is computed in arrays of the same sizes. Fetched from the system again, page by page,
    their memory would cost two thirds as much of the processor's time as the computing itself.
    """
    _set_large(_MOST, 2 * _MOST)


def _set_large(mapped: int, trimmed: int) -> None:
    """Map arrays of ``mapped`` bytes on by themselves; give ``trimmed`` free bytes back."""
    _call("mallopt", _MMAP_THRESHOLD, mapped)
    _call("mallopt", _TRIM_THRESHOLD, trimmed)


def share_one_heap() -> None:
    """Have all threads share one heap; call it once, before there are threads.

    By default each thread has a heap of its own, and keeps there for itself what it freed.
    """
    _call("mallopt", _ARENA_MAX, 1)


def give_back() -> None:
    """Give back what was freed in small pieces, or was kept."""
    _call("malloc_trim", 0)


def _call(name: str, *words: int) -> None:
    function = getattr(ctypes.CDLL(None), name, None)
    if function is not None:
        function(*words)
