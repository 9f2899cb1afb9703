"""One exiftool that stays open: arguments in by blocks, an answer out for each.

Each process serves at most 256 files, is restarted once where it dies or falls silent, and is
ended by its own pid: exiftool notices neither Ctrl+C (it runs in a session of its own) nor,
without ``setpriv``, the death of its parent.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import select
import shutil
import subprocess
import time
from typing import TYPE_CHECKING, Self

from phototagger.core.errors import MissingError, RefusedSidecar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from types import TracebackType

FILES_A_PROCESS = 256
REPLY_SECONDS = 60.0
_COMMON = ["-stay_open", "True", "-@", "-", "-common_args", "-q"]


class _SilentError(Exception):
    """exiftool died, or did not answer in time."""


class StayOpen:
    """One exiftool that reads its arguments from stdin, in blocks, and answers each."""

    options: Sequence[str] = ()
    errors = subprocess.STDOUT

    def __init__(
        self,
        stage: Path,
        command: str = "exiftool",
        *,
        files_a_process: int = FILES_A_PROCESS,
        reply_seconds: float = REPLY_SECONDS,
    ) -> None:
        self.stage = stage
        self.command = command
        self.starts = 0
        self._files_a_process = files_a_process
        self._reply_seconds = reply_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._served = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The pid of the running process; None where none runs."""
        return self._process.pid if self._process else None

    def ask(
        self, lines: Sequence[str], files: int = 1, prepare: Callable[[], object] | None = None
    ) -> str:
        """Return what exiftool says to one block of arguments, up to its status line.

        The process is started when first needed, replaced after 256 files, and restarted once
        where it gives no answer; ``prepare`` is called before each try. Raises ``RefusedSidecar``
        where the second one gives none either, ``MissingError`` where there is no exiftool.
        """
        if self._served + files > self._files_a_process:
            self.close()
        for _ in range(2):
            if prepare is not None:
                prepare()
            try:
                return self._exchange(lines, files)
            except _SilentError:
                self._kill()
            except BaseException:
                self._kill()  # or the next answer would be the one that was not waited for
                raise
        raise RefusedSidecar("exiftool died or gave no answer, twice")

    def close(self) -> None:
        """End the process, politely first; harmless where none runs."""
        if self._process is None:
            return
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            self._process.stdin.write(b"-stay_open\nFalse\n")
            self._process.stdin.close()
            self._process.wait(timeout=1)
        self._kill()

    def _kill(self) -> None:
        """End the process by its own pid, and reap it."""
        process, self._process, self._served = self._process, None, 0
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            with contextlib.suppress(OSError):
                pipe.close()

    def _start(self) -> subprocess.Popen[bytes]:
        """Start exiftool in the stage, in its own session, to die with this process."""
        found = shutil.which(self.command)
        if found is None:
            raise MissingError(
                f"{self.command} is not here", "install it (apt install libimage-exiftool-perl)"
            )
        setpriv = shutil.which("setpriv")
        guard = [setpriv, "--pdeathsig", "KILL"] if setpriv else []
        arguments = [*guard, found, "-config", "", *_COMMON, *self.options]
        process = subprocess.Popen(
            arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            bufsize=0,
            cwd=self.stage,
            env={**os.environ, "LC_ALL": "C"},
            start_new_session=True,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        os.set_blocking(process.stdin.fileno(), False)
        os.set_blocking(process.stdout.fileno(), False)
        self.starts += 1
        return process

    def _exchange(self, lines: Sequence[str], files: int) -> str:
        """Send one block and return its answer; raise ``_SilentError`` where none comes."""
        if self._process is None:
            self._process = self._start()
        process, self._served = self._process, self._served + files
        assert process.stdin is not None
        assert process.stdout is not None
        token = secrets.token_hex(8).encode()
        block = "\n".join([*lines, "-echo3", f"{token.decode()} ${{status}}", "-execute", ""])
        to_send, answer = memoryview(block.encode()), b""
        poll = select.poll()
        poll.register(process.stdout, select.POLLIN)
        poll.register(process.stdin, select.POLLOUT)
        deadline = time.monotonic() + self._reply_seconds
        while (left := deadline - time.monotonic()) > 0:
            for ready, _ in poll.poll(left * 1000):
                if ready == process.stdout.fileno():
                    piece = os.read(ready, 65536)
                    answer += piece
                    if not piece:
                        raise _SilentError
                    if answer.endswith(b"\n") and token in answer[-40:]:
                        return answer[: answer.rindex(token)].decode(errors="replace")
                    continue
                try:
                    to_send = to_send[os.write(ready, to_send) :]
                except BrokenPipeError as error:
                    raise _SilentError from error
                if not to_send:
                    poll.unregister(ready)
        raise _SilentError
