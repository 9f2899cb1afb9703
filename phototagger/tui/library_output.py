"""What libraries print while the review has the screen: kept off it, and told afterwards.

LibRaw and its like write their complaints to the file descriptor of stderr, past Python, where
they would stand in the middle of the pictures.
"""

import contextlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_MOST = 64 * 1024
"""Bytes that are told; a library that complains of each photo says the same again."""


@contextmanager
def kept_off_screen(tell: Callable[[str], None]) -> Iterator[None]:
    """Let only Textual write to the terminal, and ``tell`` the lines of others when it has ended.

    Textual's drivers write to ``sys.__stderr__``: it gets a descriptor of its own meanwhile.
    """
    usual = sys.__stderr__
    if usual is None:
        yield
        return
    number = usual.fileno()
    with tempfile.TemporaryFile() as printed:
        usual.flush()
        terminal = os.dup(number)
        screen = os.fdopen(
            terminal, "w", encoding=usual.encoding, errors=usual.errors, closefd=False
        )
        sys.__stderr__ = screen  # type: ignore[misc]
        os.dup2(printed.fileno(), number)
        try:
            yield
        finally:
            with contextlib.suppress(OSError):  # a terminal that was closed takes nothing
                screen.close()
            os.dup2(terminal, number)
            os.close(terminal)
            sys.__stderr__ = usual  # type: ignore[misc]
        lines = os.pread(printed.fileno(), _MOST, 0).decode(errors="replace").splitlines()
    for line in dict.fromkeys(lines):
        tell(line)
