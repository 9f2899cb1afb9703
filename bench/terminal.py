"""A terminal without a window: it runs a program, answers its questions and keeps what it writes.

It answers as a plain one does that has no graphics, within ``delay`` seconds, while it goes on
reading: ``rate`` bytes a second at most, where one is given. What came is kept with the moment it
came, so that a paint can be timed and weighed.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import select
import struct
import subprocess
import termios
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_ANSWERS = {
    rb"\x1b\[c": b"\x1b[?62;22c",
    rb"\x1b\[>0?q": b"\x1bP>|bench(1)\x1b\\",
    rb"\x1b\[14t": b"\x1b[4;960;1600t",
    rb"\x1b\[16t": b"\x1b[6;20;10t",
    rb"\x1b\[6n": b"\x1b[1;1R",
    rb"\x1b\[\?2026\$p": b"\x1b[?2026;2$y",
    rb"\x1b\[\?2048\$p": b"\x1b[?2048;0$y",
}
_QUESTION = re.compile(b"|".join(b"(%s)" % question for question in _ANSWERS))
_ONE_QUESTION = 16  # bytes of one that may still be coming
_BREATH = 0.02
_LOOKS = 5  # in a row that find a program waiting


class Came(NamedTuple):
    """Bytes that the program wrote, and when they came (``time.perf_counter``)."""

    when: float
    data: bytes


class Terminal:
    """A program in a terminal of its own, as the leader of its session."""

    def __init__(
        self,
        words: Sequence[str | Path],
        *,
        size: tuple[int, int] = (160, 48),
        delay: float = 0.0,
        rate: int = 0,
        nohup: bool = False,
        **environment: str,
    ) -> None:
        self._delay = delay
        self._rate = rate
        self.came: list[Came] = []
        self._heard = threading.Condition()
        self._closing = False
        self._master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.before = termios.tcgetattr(slave)

        # What setsid and env do cannot be done safely between fork and exec beside threads.
        # Who runs us under nohup does not mean the program.
        hangup = ["env", "--ignore-signal=HUP" if nohup else "--default-signal=HUP"]
        # The size is the terminal's: a test runner's own must not be taken for it.
        inherited = {k: v for k, v in os.environ.items() if k not in {"COLUMNS", "LINES"}}
        wanted = {"TERM": "xterm-256color", "COLORTERM": "truecolor", **environment}
        self.begun = time.perf_counter()
        self.process = subprocess.Popen(
            ["setsid", "--ctty", *hangup, *words], stdin=slave,
            stdout=slave, stderr=slave, env={**inherited, **wanted},
        )  # fmt: skip
        self._slave: int | None = slave  # else the end of the program would be a hang-up
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        tail = b""
        while not self._closing:
            if not select.select([self._master], [], [], _BREATH)[0]:
                continue
            try:
                data = os.read(self._master, self._piece)
            except OSError:
                break
            if self._rate:
                time.sleep(len(data) / self._rate)
            now = time.perf_counter()
            with self._heard:
                self.came.append(Came(now, data))
                self._heard.notify_all()
            tail = self._answer(tail + data)
        with self._heard:
            self._heard.notify_all()

    @property
    def _piece(self) -> int:
        """How many bytes are read at once: those of a few milliseconds, where the line is slow."""
        return max(1, self._rate // 200) if self._rate else 65536

    def _answer(self, data: bytes) -> bytes:
        """Answer the questions in what came; return what may be the beginning of another."""
        questions = list(_QUESTION.finditer(data))
        if not questions:
            return data[-_ONE_QUESTION:]
        answers = list(_ANSWERS.values())
        together = b"".join(answers[(question.lastindex or 1) - 1] for question in questions)
        threading.Timer(self._delay, self._type, [together]).start()
        return data[questions[-1].end() :][-_ONE_QUESTION:]

    def _type(self, data: bytes) -> None:
        with contextlib.suppress(OSError):
            os.write(self._master, data)

    def press(self, keys: str) -> int:
        """Press keys; return how many pieces had come before."""
        before = len(self.came)
        os.write(self._master, keys.encode())
        return before

    def output(self, since: int = 0) -> bytes:
        """Return what the program wrote."""
        return b"".join(piece.data for piece in self.came[since:])

    def wait_for(self, text: bytes, since: int = 0, seconds: float = 30.0) -> float:
        """Wait until the program wrote this; return when it came."""
        end = time.perf_counter() + seconds
        with self._heard:
            while True:
                seen = b""
                for piece in self.came[since:]:
                    seen += piece.data
                    if text in seen:
                        return piece.when
                if not self._heard.wait(end - time.perf_counter()):
                    raise TimeoutError(f"{text!r} did not come; the last: {seen[-2000:]!r}")

    def settle(self, quiet: float = 0.15, since: int = 0, seconds: float = 20.0) -> list[Came]:
        """Wait until something came and then nothing for so long; return all of it."""
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            now = time.perf_counter()
            if len(self.came) > since and now - self.came[-1].when >= quiet:
                break
            time.sleep(0.005)
        return self.came[since:]

    def rest(self, seconds: float = 60.0) -> None:
        """Wait until the program waits for keys: it has read and shown all that were pressed.

        Where others use the machine it may be silent with thousands of keys still to read.
        """
        end, in_a_row = time.perf_counter() + seconds, 0
        while in_a_row < _LOOKS and time.perf_counter() < end:
            state = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[0]
            in_a_row = in_a_row + 1 if state == "S" else 0
            time.sleep(0.01)

    def memory(self, field: str = "VmRSS") -> int:
        """Return how many bytes the program holds, or held at most (``VmHWM``)."""
        with open(f"/proc/{self.process.pid}/status") as file:  # noqa: PTH123
            match = re.search(rf"{field}:\s+(\d+) kB", file.read())
        return int(match[1]) * 1024 if match else 0

    def attributes(self) -> list[object]:
        """Return how the terminal is set now (``termios.tcgetattr``)."""
        assert self._slave is not None
        return termios.tcgetattr(self._slave)

    def stop_reading(self) -> None:
        """Take no output any more; the program's writes wait."""
        self._closing = True
        self._reader.join()

    def hang_up(self) -> None:
        """Close the terminal as a lost connection does."""
        self.stop_reading()
        for number in (self._slave, self._master):
            if number is not None:
                with contextlib.suppress(OSError):
                    os.close(number)
        self._slave = None
        self._master = -1

    def close(self) -> None:
        """Hang up; what does not end by itself is killed."""
        if self._master >= 0:
            self.hang_up()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
