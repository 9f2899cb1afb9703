"""Asks the terminal once, before Textual takes it over, what it can show."""

import contextlib
import fcntl
import os
import select
import struct
import subprocess
import termios
import time
import tty
from collections.abc import Iterator, Mapping

from phototagger.tui.graphics.terminal import (
    NOTHING_AROUND,
    Around,
    Terminal,
    described,
    parse,
    question,
)

LIMIT = 2.0
"""How long an answer is waited for, in seconds."""

_TMUX_LIMIT = 0.5  # seconds; it answers in a few milliseconds
_ABOUT_TMUX = "#{client_termtype}|#{allow-passthrough}|#{client_termfeatures}"
_PASSES = ("1", "2", "on", "all")  # what tmux calls its option, as number or word
_MOST = 64 * 1024  # bytes; no answer is as long


def probe(environ: Mapping[str, str] = os.environ, *, limit: float = LIMIT) -> Terminal:
    """Ask the terminal that this process runs in; return what it says.

    Takes one round trip, or ``limit`` seconds where no answer comes. Without a terminal nothing
    is asked. Never raises.
    """
    with _terminal() as both:
        if both is None:
            return described(parse(b"\x1b[?c"), environ)
        return ask(*both, environ, limit=limit)


def ask(source: int, target: int, environ: Mapping[str, str], *, limit: float = LIMIT) -> Terminal:
    """Ask the terminal that is read at one descriptor and written at another.

    What is typed meanwhile is lost: it cannot be told from an answer.
    """
    asked = question(environ)
    cell, around = cell_size(target), _around(environ)
    if not asked:
        return described(parse(b"\x1b[?c"), environ, cell=cell, around=around)
    answer, took = b"", 0.0
    try:
        with _raw(source):
            began = time.monotonic()
            os.write(target, asked)
            answer = _answer(source, began + limit)
            took = time.monotonic() - began
    except OSError:  # the terminal went away, and whoever draws next will say so
        pass
    answers = parse(answer)
    return described(answers, environ, cell=cell, round_trip=took, begun=answer, around=around)


def _around(environ: Mapping[str, str]) -> Around:
    """Return what tmux knows of the terminal around it; nothing elsewhere."""
    if not environ.get("TMUX"):
        return NOTHING_AROUND
    command = ["tmux", "display-message", "-p", _ABOUT_TMUX]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_TMUX_LIMIT, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return NOTHING_AROUND
    parts = done.stdout.decode("utf-8", "replace").strip().split("|")
    name, passes, features = [*parts, "", ""][:3]
    return Around(name, passes in _PASSES, "sixel" in features.split(","))


def read_rest(begun: bytes, *, limit: float = LIMIT) -> None:
    """Read the rest of an answer that has begun, so that nobody takes it for keys."""
    with _terminal() as both, contextlib.suppress(OSError):
        if both is not None and begun:
            with _raw(both[0]):
                _answer(both[0], time.monotonic() + limit, begun)


def cell_size(descriptor: int) -> tuple[int, int] | None:
    """Return the width and height of a cell in pixels, as the system knows them, or None."""
    try:
        packed = fcntl.ioctl(descriptor, termios.TIOCGWINSZ, bytes(8))
    except OSError:
        return None
    rows, columns, width, height = struct.unpack("4H", packed)
    cell = (width // max(1, columns), height // max(1, rows))
    return cell if all(cell) else None


def _answer(source: int, until: float, answer: bytes = b"") -> bytes:
    while not parse(answer).is_whole and len(answer) < _MOST:
        left = until - time.monotonic()
        if left <= 0 or not select.select([source], [], [], left)[0]:
            break
        came = os.read(source, 4096)
        if not came:
            break
        answer += came
    return answer


@contextlib.contextmanager
def _terminal() -> Iterator[tuple[int, int] | None]:
    """Open the terminal; None where there is none."""
    try:
        opened = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        yield (0, 1) if os.isatty(0) and os.isatty(1) else None
        return
    try:
        yield opened, opened
    finally:
        os.close(opened)


@contextlib.contextmanager
def _raw(descriptor: int) -> Iterator[None]:
    """Read every byte at once and print none of them."""
    try:
        before = termios.tcgetattr(descriptor)
    except termios.error as error:
        raise OSError(*error.args) from error
    try:
        # Without the signals of ctrl+c and ctrl+z, an answer would be cut at such a byte.
        tty.setcbreak(descriptor, termios.TCSANOW)
        yield
    finally:
        with contextlib.suppress(termios.error):
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
