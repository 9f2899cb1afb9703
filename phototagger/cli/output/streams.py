"""stdout and stderr that never end a job, and carry nothing that could act on a terminal."""

from __future__ import annotations

import errno
import io
import os
import sys
from typing import IO, TextIO, cast

from phototagger.printable import printable, printable_lines

GONE = (errno.EPIPE, errno.ESHUTDOWN)
"""Whoever read has what they wanted, as after ``| head -1``."""


class SafeStream(io.TextIOBase):
    """Writes to a stream; where that fails once, the rest is dropped and ``failure`` says why.

    ``screened``: every line is made printable, whatever forgot to do so.
    """

    def __init__(self, raw: TextIO, *, screened: bool) -> None:
        self._raw = raw
        self._screened = screened
        self._failures: list[OSError] = []

    @property
    def failure(self) -> OSError | None:
        """What kept text from being written first."""
        return self._failures[0] if self._failures else None

    def write(self, text: str) -> int:
        """Write a text."""
        try:
            self._raw.write(printable_lines(text) if self._screened else text)
        except OSError as error:
            self._fail(error)
        return len(text)

    def write_bytes(self, data: bytes) -> None:
        """Write bytes; a path's where nobody but a program reads them."""
        try:
            self._raw.flush()
            self._raw.buffer.write(data)
            self._raw.buffer.flush()
        except OSError as error:
            self._fail(error)

    def flush(self) -> None:
        """Have all of it written; once the stream is closed, nothing is left to write."""
        if self._raw.closed:
            return
        try:
            self._raw.flush()
        except OSError as error:
            self._fail(error)

    def unscreened(self) -> SafeStream:
        """Return the stream for a library that draws with control codes, its text printable."""
        stream = SafeStream(self._raw, screened=False)
        stream._failures = self._failures
        return stream

    def isatty(self) -> bool:
        """Tell whether a person reads."""
        return self._raw.isatty()

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._raw.fileno()

    def writable(self) -> bool:
        """Tell that it can be written."""
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """How text becomes bytes."""
        return self._raw.encoding

    @property
    def buffer(self) -> io.BufferedIOBase:
        """The bytes below."""
        return cast("io.BufferedIOBase", self._raw.buffer)

    def _fail(self, error: OSError) -> None:
        self._failures.append(error)
        # What is still in buffers would fail again at each flush, and as the process ends.
        nowhere = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
        os.dup2(nowhere, self._raw.fileno())
        os.close(nowhere)


def open_streams() -> None:
    """Stand in for streams that were closed, and make stdout and stderr safe.

    stdout is screened where a person reads it, stderr always.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))
    for name in ("stdout", "stderr"):
        raw = getattr(sys, name)
        if isinstance(raw, io.TextIOWrapper):
            raw.reconfigure(errors="backslashreplace")
            screened = name == "stderr" or raw.isatty()
            setattr(sys, name, SafeStream(raw, screened=screened))


def lost() -> OSError | None:
    """Return why stdout could not be written; a reader that left early is no reason."""
    sys.stdout.flush()
    failure = sys.stdout.failure if isinstance(sys.stdout, SafeStream) else None
    if failure is None or failure.errno in GONE:
        return None
    failure.filename = "stdout"
    return failure


def drawing_on(stream: IO[str]) -> IO[str]:
    """Return the stream for a library that draws with control codes, its text printable."""
    return cast("IO[str]", stream.unscreened()) if isinstance(stream, SafeStream) else stream


def write_path(path: str | os.PathLike[str], end: str = "\n") -> None:
    """Write a path to stdout: with the bytes it has for a program, printable for a person."""
    if sys.stdout.isatty():
        sys.stdout.write(printable(path) + "\n")
        sys.stdout.flush()
        return
    write_bytes(os.fsencode(path) + end.encode())


def write_bytes(data: bytes) -> None:
    """Write bytes to stdout; UTF-8 text is screened where a person reads it."""
    if sys.stdout.isatty():
        sys.stdout.write(data.decode(errors="replace"))
        sys.stdout.flush()
    elif isinstance(sys.stdout, SafeStream):
        sys.stdout.write_bytes(data)
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
