"""A process that is talked to through pipes, with a limit on every wait."""

import contextlib
import os
import select
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path

from phototagger.errors import PhototaggerError
from phototagger.files.own import add_to

_PACKAGES = str(Path(__file__).parents[3])
_PIECE = 2**20
_END_SECONDS = 5.0


class GoneError(Exception):
    """The process ended."""


class HangsError(Exception):
    """The process did not answer in time."""


class Piped:
    """A process in a session of its own, which a Ctrl+C in the terminal does not reach.

    Its last argument is this process's number; its stderr is added to ``log``, a file in a run
    folder, or is this one's. It imports this very phototagger. ``silence`` is how many seconds each
    wait for it may take, ``environment`` is added to this process's.
    """

    def __init__(
        self,
        command: Sequence[str],
        log: Path | None,
        silence: float,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start it from a thread that lives as long as it does.

        The kernel sends its signal to orphans when the thread that started them ends.
        """
        self._silence = silence
        begun: Future[subprocess.Popen[bytes]] = Future()

        def keep() -> None:
            try:
                process = _popen(command, log, environment or {})
            except (OSError, PhototaggerError) as error:
                begun.set_exception(error)
                return
            begun.set_result(process)
            process.wait()

        self._keeper = threading.Thread(target=keep, name="model's process", daemon=True)
        self._keeper.start()
        self._process = begun.result()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._inbox, self._outbox = self._process.stdin, self._process.stdout

    @property
    def pid(self) -> int | None:
        """Its number; None where it has ended."""
        return self._process.pid if self._process.returncode is None else None

    def write(self, parts: Sequence[memoryview], until: float) -> None:
        """Write bytes by a moment of the monotonic clock. Raises GoneError or HangsError."""
        pipe = self._inbox.fileno()
        for part in parts:
            unsent = part
            while unsent:
                self._wait(pipe, select.POLLOUT, until)
                try:
                    unsent = unsent[os.write(pipe, unsent[:_PIECE]) :]
                except BrokenPipeError as error:
                    raise GoneError from error

    def read(self, size: int, until: float) -> bytearray:
        """Return so many bytes by that moment. Raises GoneError or HangsError."""
        data = bytearray()
        while len(data) < size:
            data += self.some(size - len(data), until)
        return data

    def some(self, most: int, until: float) -> bytes:
        """Return what there is to be read, one byte at least. Raises GoneError or HangsError."""
        pipe = self._outbox.fileno()
        self._wait(pipe, select.POLLIN, until)
        piece = os.read(pipe, min(_PIECE, most))
        if not piece:
            raise GoneError
        return piece

    def _wait(self, pipe: int, event: int, until: float) -> None:
        poll = select.poll()
        poll.register(pipe, event)
        # What is there is read even if it is late: this process may have been suspended itself.
        left = max(0.0, min(self._silence, until - time.monotonic()))
        if not poll.poll(left * 1000):
            raise HangsError

    def ended(self) -> int | None:
        """Wait a moment for its end; return its exit code, negative for a signal."""
        self._keeper.join(_END_SECONDS)
        return self._process.returncode

    def kill(self) -> None:
        """Kill it, from any thread."""
        self._process.kill()

    def end(self, seconds: float = 0.0) -> None:
        """End it: close its stdin, give it so long to end by itself, kill it, and reap it."""
        with contextlib.suppress(OSError):
            self._inbox.close()
        if seconds:
            self._keeper.join(seconds)
        self._process.kill()
        self._keeper.join(_END_SECONDS)
        self._outbox.close()


def _popen(
    command: Sequence[str], log: Path | None, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    known = os.environ.get("PYTHONPATH")
    paths = os.pathsep.join([_PACKAGES, known] if known else [_PACKAGES])
    with add_to(log, log.parent.parent) if log else contextlib.nullcontext() as stderr:
        process = subprocess.Popen(
            [*command, str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            bufsize=0,
            env={**os.environ, **environment, "PYTHONPATH": paths},
            start_new_session=True,
        )
    for pipe in (process.stdin, process.stdout):
        assert pipe is not None
        os.set_blocking(pipe.fileno(), False)
    return process
