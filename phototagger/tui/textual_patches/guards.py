"""Whether this Textual has the private parts that the patches rely on; each works without, too.

A name that is gone, or takes something else, turns its patch off. ``LINES`` relies on the order of
private calls as well, which no look at names can tell: it is for the versions in ``TESTED`` alone.
"""

import importlib
import inspect
from importlib.metadata import version

from textual.app import App
from textual.drivers import linux_driver

TESTED = ("8.2",)
"""The minor versions of Textual that the tests ran with."""


def is_tested(number: str) -> bool:
    """Tell whether the tests ran with a version of Textual, such as ``8.2.8``."""
    return ".".join(number.split(".")[:2]) in TESTED


def takes(owner: object, name: str, *parameters: str) -> bool:
    """Tell whether a function or class is there and takes these parameters."""
    try:
        signature = inspect.signature(getattr(owner, name))
    except (AttributeError, TypeError, ValueError):
        return False
    return tuple(signature.parameters) == parameters


def _module(name: str) -> object:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


_compositor = _module("textual._compositor")

PAINTS = takes(App, "_display", "self", "screen", "renderable")
"""Whether each paint is told. Else pictures are looked after by a clock, and none are sixels."""

CRASHES = takes(App, "_fatal_error", "self") and takes(App, "_close_messages_no_wait", "self")
"""Whether an app that breaks ends quietly. Else Textual prints what it knows of it."""

LAYOUT = hasattr(getattr(_compositor, "Compositor", None), "visible_widgets")
"""Whether the widgets are known from front to back. Else single cells are asked for."""

LINES = (
    is_tested(version("textual"))
    and LAYOUT
    and takes(_compositor, "ChopsUpdate", "chops", "spans", "chop_ends")
)
"""Whether a part of a line is sent, and known to be. Else Textual paints as it does."""

_reader = getattr(linux_driver, "XTermParser", None)
READER = takes(_reader, "feed", "self", "data") and takes(_reader, "tick", "self")
"""Whether late answers are taken out of what is read. Else one that has begun is waited for."""
