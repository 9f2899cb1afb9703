"""One exiftool that stays open: arguments in by blocks, an answer out for each.

Each process serves at most 256 files and sees none of the user's settings of Perl. One that dies
is started again, once for a file; one that hangs costs its file, and a second hang ends the work.
It is ended with its process group, by pid: exiftool notices neither Ctrl+C (it runs in a session
of its own) nor, without ``setpriv``, the death of its parent.
"""

import contextlib
import os
import secrets
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from phototagger.errors import InterruptedByUser, MissingError, RefusedSidecar
from phototagger.printable import printable

FILES_A_PROCESS = 256
FILE_SECONDS = 10.0
"""exiftool needs some milliseconds for a file, and half a second where it has to be started."""

_FAILURES = 2  # files without an answer, which end the work
_LOOK_SECONDS = 0.2  # between two looks whether the person asked to stop
_END_SECONDS = 1.0  # for a process to end once it was asked, or killed
_ANSWER_BYTES = 64 * 2**20
_COMMON = ["-stay_open", "True", "-@", "-", "-common_args", "-q"]
_KEPT = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH")


class _DiedError(Exception):
    """exiftool ended; the message is what it said last."""


class _NoAnswerError(Exception):
    """exiftool did not answer in time, or does not stop to answer."""


@dataclass
class Patience:
    """How long exiftool is waited for, over all processes of one piece of work.

    ``seconds``: for each file. ``stopped``: asked while waiting; where it says True, the wait ends
    with ``InterruptedByUser``. ``failures``: files that got no answer because exiftool hung, or
    dies whatever it is asked. ``answered``: whether it ever gave an answer.
    """

    seconds: float = FILE_SECONDS
    stopped: Callable[[], bool] = lambda: False
    clock: Callable[[], float] = time.monotonic
    failures: int = 0
    answered: bool = False

    def check(self) -> None:
        """Raise where nothing more is to be asked."""
        if self.stopped():
            raise InterruptedByUser("stopped", "everything finished so far is kept")
        if self.failures >= _FAILURES:
            raise RefusedSidecar(
                f"exiftool failed at {_FAILURES} files before and was not asked again",
                "look at the files that are named for it, and whether `exiftool -ver` answers, "
                "then run again",
            )


def environment() -> dict[str, str]:
    """Return the environment of exiftool: nothing that changes how Perl reads, writes, or starts.

    ``PERL_UNICODE``, ``PERL5OPT``, ``PERLIO`` and others make it read and write other bytes.
    """
    return {name: os.environ[name] for name in _KEPT if name in os.environ} | {"LC_ALL": "C"}


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
        patience: Patience | None = None,
    ) -> None:
        self.stage = stage
        self.command = command
        self.starts = 0
        self.patience = patience or Patience()
        self._files_a_process = files_a_process
        self._process: subprocess.Popen[bytes] | None = None
        self._served = 0
        self._with_libraries = False

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

    def ask(self, lines: Sequence[str], prepare: Callable[[], object] | None = None) -> str:
        """Return what exiftool says to one block of arguments about one file, up to its status.

        The process is started when first needed, replaced after 256 files, and started again once
        where it dies; ``prepare`` is called before each try. Raises ``RefusedSidecar`` where there
        is no answer, ``MissingError`` where there is no exiftool, ``InterruptedByUser``.
        """
        if self._served >= self._files_a_process:
            self.close()
        deadline = self.patience.clock() + self.patience.seconds
        last_words = ""
        for _ in range(2):
            self.patience.check()
            if prepare is not None:
                prepare()
            try:
                answer = self._exchange(lines, deadline)
            except _DiedError as died:
                self._kill()
                last_words = str(died)
            except _NoAnswerError:
                self._kill()
                self.patience.failures += 1
                raise RefusedSidecar(
                    f"exiftool gave no answer within {self.patience.seconds:g} s"
                ) from None
            except BaseException:
                self._kill()  # or the next answer would be the one that was not waited for
                raise
            else:
                self.patience.answered = True
                return answer
        self.patience.failures += not self.patience.answered
        raise RefusedSidecar(f"exiftool died, twice{last_words and f' ({last_words})'}")

    def close(self) -> None:
        """End the process, politely first; harmless where none runs."""
        if self._process is None:
            return
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(OSError):
            self._process.stdin.write(b"-stay_open\nFalse\n")
            self._process.stdin.close()
            _read_to_end(self._process.stdout.fileno())
        self._kill()

    def _kill(self) -> None:
        """End the process with all that it started, and reap it."""
        process, self._process, self._served = self._process, None, 0
        if process is None:
            return
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)  # not reaped yet, so the number is still its own
        # one that waits for a dead network disk cannot be ended; it is left to the system
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_END_SECONDS)
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            with contextlib.suppress(OSError):
                pipe.close()

    def _start(self) -> subprocess.Popen[bytes]:
        """Start exiftool in the stage, in its own session, to die with this process."""
        program = shutil.which(self.command)
        if program is None:
            raise MissingError(
                f"{self.command} is not here", "install it (apt install libimage-exiftool-perl)"
            )
        setpriv = shutil.which("setpriv")
        guard = [setpriv, "--pdeathsig", "KILL"] if setpriv else []
        arguments = [*guard, program, "-config", "", *_COMMON, *self.options]
        process = subprocess.Popen(
            arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            bufsize=0,
            cwd=self.stage,
            env=self._environment(),
            start_new_session=True,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        os.set_blocking(process.stdin.fileno(), False)
        os.set_blocking(process.stdout.fileno(), False)
        self.starts += 1
        return process

    def _environment(self) -> dict[str, str]:
        """Return the environment of the next process.

        An exiftool below the user's home finds its own parts by ``PERL5LIB``, which may as well
        lead to parts that break it: after a death without any answer the other way is tried.
        """
        libraries = os.environ.get("PERL5LIB")
        return environment() | (
            {"PERL5LIB": libraries} if libraries and self._with_libraries else {}
        )

    def _exchange(self, lines: Sequence[str], deadline: float) -> str:
        """Send one block and return its answer; raise ``_DiedError`` or ``_NoAnswerError``."""
        if self._process is None:
            self._process = self._start()
        process, self._served = self._process, self._served + 1
        assert process.stdin is not None
        assert process.stdout is not None
        token = secrets.token_hex(8).encode()
        block = "\n".join([*lines, "-echo3", f"{token.decode()} ${{status}}", "-execute", ""])
        to_send, answer = memoryview(block.encode()), bytearray()
        poll = select.poll()
        poll.register(process.stdout, select.POLLIN)
        poll.register(process.stdin, select.POLLOUT)
        while (left := deadline - self.patience.clock()) > 0 and len(answer) < _ANSWER_BYTES:
            self.patience.check()
            for ready, _ in poll.poll(min(left, _LOOK_SECONDS) * 1000):
                if ready == process.stdout.fileno():
                    piece = os.read(ready, 65536)
                    answer += piece
                    if not piece:
                        raise self._died(answer)
                    if answer.endswith(b"\n") and token in answer[-40:]:
                        return answer[: answer.rindex(token)].decode(errors="replace")
                    continue
                try:
                    to_send = to_send[os.write(ready, to_send) :]
                except BrokenPipeError:
                    poll.unregister(ready)  # what it said before it died is still to be read
                    continue
                if not to_send:
                    poll.unregister(ready)
        raise _NoAnswerError

    def _died(self, answer: bytearray) -> _DiedError:
        """Note that the process ended; return the error with its last words."""
        if self._served == 1:
            self._with_libraries = not self._with_libraries
        last_line = bytes(answer[-1000:]).decode(errors="replace").strip().rpartition("\n")[2]
        return _DiedError(printable(last_line)[:200])


def _read_to_end(handle: int) -> None:
    """Read and drop what a process still says, until it has closed its end or its time is up."""
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    deadline = time.monotonic() + _END_SECONDS
    while (left := deadline - time.monotonic()) > 0:
        if poll.poll(left * 1000) and not os.read(handle, 65536):
            return
