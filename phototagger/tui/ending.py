"""Ending when asked from outside: signals, and a terminal that was closed."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
import threading

from textual.app import App

from phototagger.core.errors import ExitCode

_LEFT = 2.0  # seconds for a clean end; everything decided is on disk anyway
_LOOK_EVERY = 1.0


def end_on_signals(app: App[int]) -> None:
    """End the app on SIGTERM, SIGHUP and when its terminal is gone.

    Textual ignores both signals, and where SIGHUP is ignored (nohup) it would read a closed
    terminal for ever. Call it in the app's loop.
    """
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, end, app)
    app.set_interval(_LOOK_EVERY, lambda: end(app) if _is_gone(sys.__stdin__) else None)


def end(app: App[int]) -> None:
    """End within seconds, cleanly if the terminal lets us."""
    code = int(ExitCode.INTERRUPTED)
    timer = threading.Timer(_LEFT, os._exit, [code])
    timer.daemon = True
    timer.start()
    app.exit(code, return_code=code)


class Quietly(App[int]):
    """An app that keeps what broke it, in place of printing pages about it.

    ``_fatal_error`` and ``_exception`` are Textual's own; nothing else here relies on them.
    """

    def _fatal_error(self) -> None:
        self._close_messages_no_wait()

    @property
    def broke(self) -> Exception | None:
        """What no part of the screen expected, if anything."""
        return self._exception


def _is_gone(stream: object) -> bool:
    """Tell whether the other side of a terminal was closed."""
    try:
        number = stream.fileno()  # type: ignore[attr-defined]
        look = select.poll()
        look.register(number, 0)
        return any(what & (select.POLLHUP | select.POLLNVAL) for _, what in look.poll(0))
    except (OSError, ValueError, AttributeError):
        return True
