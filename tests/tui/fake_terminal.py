"""A program in a pty, and a terminal that answers it and keeps the pictures it draws."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

KITTY = b"\x1b_Gi=31;OK\x1b\\\x1bP>|kitty(0.26.5)\x1b\\\x1b[6;20;10t\x1b[?62;c"
XTERM = b"\x1bP>|XTerm(379)\x1b\\\x1b[6;20;10t\x1b[?64;1;2;4;6c"
PLAIN = b"\x1bP>|plain\x1b\\\x1b[?62;c"

_GRAPHICS = re.compile(rb"\x1b_G([^;\x1b]*)(?:;([^\x1b]*))?\x1b\\")
_WRAPPED = re.compile(rb"\x1bPtmux;((?:\x1b\x1b|[^\x1b])*)\x1b\\")
_SIXEL = re.compile(rb"\x1b\[(\d+);(\d+)H\x1bP0;1;0q\"1;1;(\d+);(\d+)[^\x1b]*\x1b\\")
_SYNC = b"\x1b[?2026$p"


class Terminal:
    """Runs ``python -m tests.tui.pictured``; ``answer`` goes out when the probe's question came."""

    def __init__(self, images, folder, answer, size=(120, 40), delay=0.0, **environ):
        self.answer, self.delay = answer, delay
        main, child = pty.openpty()
        columns, rows = size
        fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))
        base = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
        root = str(Path(__file__).parents[2])
        base |= {"TERM": "xterm-256color", "PYTHONPATH": root, **environ}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.tui.pictured", images, str(folder)],
            stdin=child, stdout=child, stderr=child, env=base, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509
        )  # fmt: skip
        os.close(child)
        self.main = main
        self.written = bytearray()
        self.asked = None
        self.answered = False
        self.synced = False

    def read(self, seconds):
        """Read for so long; answer what is asked."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if not self._step(min(left, 0.01)):
                break

    def _step(self, seconds):
        until = time.monotonic() + 0.05
        while select.select([self.main], [], [], seconds)[0] and time.monotonic() < until:
            try:
                self.written += os.read(self.main, 65536)
            except OSError:
                return False
            seconds = 0
        if self.asked is None and b"\x1b[c" in self.written:
            self.asked = time.monotonic()
        if not self.answered and self.asked and time.monotonic() >= self.asked + self.delay:
            self.answered = True
            os.write(self.main, self.answer)
        if not self.synced and _SYNC in self.written:
            self.synced = True
            os.write(self.main, b"\x1b[?2026;2$y")
        return True

    def until(self, holds, seconds=20):
        """Read until something holds; return how long that took."""
        began = time.monotonic()
        while not holds(self):
            assert time.monotonic() - began < seconds, f"never: {self.written[-2000:]!r}"
            if not self._step(0.01):
                break
        return time.monotonic() - began

    def rest(self, seconds=0.4):
        """Read until nothing was written for so long; return when the last of it came."""
        last = time.monotonic()
        while time.monotonic() - last < seconds:
            before = len(self.written)
            if not self._step(0.01):
                break
            if len(self.written) != before:
                last = time.monotonic()
        return last

    def press(self, keys):
        """Press keys; return all that is written until it rests, and the seconds that took."""
        self.rest()
        before, began = len(self.written), time.monotonic()
        os.write(self.main, keys)
        last = self.rest()
        return bytes(self.written[before:]), last - began

    def resize(self, columns, rows):
        fcntl.ioctl(self.main, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.main)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def commands(written):
    """The graphics commands of kitty's protocol, each as its keys."""
    return [
        dict(pair.split(b"=") for pair in keys.split(b","))
        for keys, _ in _GRAPHICS.findall(written)
    ]


def unwrapped(written):
    """The first command of each picture that tmux was given to pass on, as its keys."""
    passed = b"".join(_WRAPPED.findall(written)).replace(b"\x1b\x1b", b"\x1b")
    return [keys for keys in commands(passed) if b"a" in keys and keys[b"a"] == b"T"]


class Kept:
    """What a terminal of kitty's protocol holds after all that was written."""

    def __init__(self, written):
        self.sent = []
        self.images = set()
        self.placed = {}
        for keys in commands(written):
            self.do(keys)

    def do(self, keys):
        action, number = keys.get(b"a"), keys.get(b"i")
        if action == b"t":
            self.sent.append(number)
            self.images.add(number)
        elif action == b"p":
            assert number in self.images, "placed what was never sent"
            self.placed[number, keys[b"p"]] = int(keys[b"c"]), int(keys[b"r"])
        elif action == b"d" and keys[b"d"] == b"i":
            del self.placed[number, keys[b"p"]]
        elif action == b"d" and keys[b"d"] == b"I":
            self.images.discard(number)
            self.placed = {key: one for key, one in self.placed.items() if key[0] != number}


def sixels(written):
    """Row, column, width and height in pixels of each picture drawn as sixels."""
    return [tuple(map(int, found)) for found in _SIXEL.findall(written)]
