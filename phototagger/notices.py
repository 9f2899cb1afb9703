"""What is said of work that nobody asked for and that takes long, on whichever floor it is done.

Whoever has a screen or a stream listens; where nobody does, nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable

_listening: list[Callable[[str], object]] = []


def listen(say: Callable[[str], object] | None) -> None:
    """Have this called with every sentence from now on, and what was called before no more."""
    _listening[:] = [] if say is None else [say]


def tell(sentence: str) -> None:
    """Say a sentence."""
    for say in _listening:
        say(sentence)
