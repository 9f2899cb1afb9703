"""Ending when asked from outside: signals, and a terminal that was closed."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

from phototagger.errors import ExitCode

if TYPE_CHECKING:
    from textual.app import App

_LEFT = 2.0  # seconds for a clean end; everything decided is on disk anyway
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def ends_when_asked(app: App[Any]) -> Iterator[None]:
    """End the app on SIGINT, SIGTERM, SIGHUP and when its terminal is gone; call it around ``run``.

    Textual ignores these signals, and where SIGHUP is ignored (nohup) it would read a closed
    terminal for ever. A thread of its own watches: the app's loop may wait for a terminal that
    takes no output any more.
    """
    asked, ask = os.pipe()

    def tell(_number: int, _frame: FrameType | None) -> None:
        os.write(ask, b"!")

    heard = [signum for signum in _SIGNALS if signal.getsignal(signum) is not signal.SIG_IGN]
    before = {signum: signal.signal(signum, tell) for signum in heard}
    threading.Thread(target=_watch, args=(app, asked), name="ending", daemon=True).start()
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(ask)


def _watch(app: App[Any], asked: int) -> None:
    """Wait for a signal, the terminal's end or the app's; end within seconds."""
    terminal = _number(sys.__stdin__)
    look = select.poll()
    look.register(asked, select.POLLIN)
    if terminal is not None:
        look.register(terminal, 0)
    events = dict(look.poll())
    is_asked = bool(events.get(asked, 0) & select.POLLIN)
    if not is_asked and terminal not in events:
        os.close(asked)
        return
    code = int(ExitCode.INTERRUPTED)
    app.call_later(app.exit, return_code=code)
    time.sleep(_LEFT)
    os._exit(code)


def _number(stream: Any) -> int | None:
    try:
        number: int = stream.fileno()
    except (OSError, ValueError, AttributeError):
        return None
    return number
