"""The review in a terminal of its own, whose screen can be read; it answers as a terminal does."""

import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pyte

from bench.terminal import Terminal

PHOTOTAGGER = (sys.executable, "-m", "phototagger")
CHECKOUT = Path(__file__).parents[2]
# What pyte would show as text: device strings, and the keyboard protocols of newer terminals.
_BEYOND_PYTE = re.compile(rb"\x1b[P_^\]].*?(\x07|\x1b\\)|\x1b\[[<>=][\d;]*[a-zA-Z]", re.DOTALL)


class Screen(Terminal):
    """A command of phototagger, and what its terminal shows."""

    def __init__(
        self,
        *words: str | Path,
        program: Sequence[str] = PHOTOTAGGER,
        size: tuple[int, int] = (120, 36),
        **more: object,
    ):
        self.size = size
        self.since = 0  # what was written before is not on the screen any more
        environment = {"PYTHONPATH": str(CHECKOUT), "PYTHONFAULTHANDLER": "1"}
        super().__init__([*program, *words], size=size, **{**environment, **more})

    def lines(self) -> list[str]:
        """What stands on the screen now."""
        screen = pyte.Screen(*self.size)
        pyte.ByteStream(screen).feed(_BEYOND_PYTE.sub(b"", self.output(self.since)))
        return [line.rstrip() for line in screen.display]

    def text(self) -> str:
        return "\n".join(self.lines())

    def status(self) -> str:
        """The line above the keys."""
        return self.lines()[-2].strip()

    def until(self, ready: Callable[[str], bool], seconds: float = 30.0) -> str:
        """Wait until the screen is so; return it."""
        end, seen = time.monotonic() + seconds, -1
        while time.monotonic() < end and self.process.poll() is None:
            if len(self.came) == seen:
                time.sleep(0.01)
                continue
            seen = len(self.settle(quiet=0.03, seconds=1))
            if ready(shown := self.text()):
                return shown
        raise AssertionError(f"the screen shows (exit {self.process.poll()}):\n{self.text()}")

    def until_says(self, words: str, seconds: float = 30.0) -> str:
        return self.until(lambda shown: words in shown, seconds)

    def ended(self, seconds: float = 30.0) -> int:
        """Return the exit code of a program that ends within these seconds."""
        return self.process.wait(seconds)
