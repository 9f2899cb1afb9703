"""A screen is left once.

Keys that come at once, as a slow line brings them, are on their way to a screen when the first of
them closes it. Textual would close another screen for the next, without telling who waits for that;
where no other is left, the app would break.
"""

from collections.abc import Callable
from typing import Any

from textual.await_complete import AwaitComplete
from textual.screen import Screen

Dismiss = Callable[[Screen[Any], Any], AwaitComplete]

_dismiss: Dismiss = Screen.dismiss


def leave_once() -> None:
    """Let a screen that is left already, or has another one over it, be left by nothing."""
    Screen.dismiss = _dismiss_if_active  # type: ignore[method-assign,assignment]


def _dismiss_if_active(screen: Screen[Any], result: Any = None) -> AwaitComplete:
    return _dismiss(screen, result) if screen.is_active else AwaitComplete()
