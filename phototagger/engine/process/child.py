"""The model's process, as its parent sees it: started when first asked, ended with the review.

A crash, a hang and a kill for want of memory each become an error with cause and cure; the next
request starts a new process.
"""

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from phototagger import errors
from phototagger.engine.process.piped import GoneError, HangsError, Piped
from phototagger.engine.process.wire import GarbledError, Message, packed, read_message
from phototagger.errors import InterruptedByUser, PhototaggerError
from phototagger.files.own import read_own
from phototagger.printable import printable

SILENCE_SECONDS = 60.0
"""A process that serves a request beats every two seconds; importing torch may hold that up."""

COMMAND = (sys.executable, "-P", "-m", "phototagger.engine.process.model_process")
"""What is run; the number of this process follows."""

_TAIL_BYTES = 2_000
_POLITE_SECONDS = 1.0
_STOPPED = ("stopped", "everything finished so far is kept")


class Child:
    """One process at a time; requests of several threads are served one after the other.

    ``log`` gives the file that its stderr is added to; see ``Piped`` for ``environment``.
    """

    def __init__(
        self,
        log: Callable[[], Path],
        command: Sequence[str] | None = None,
        *,
        silence: float | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.starts = 0
        self._log = log
        self._command = command or COMMAND
        self._silence = silence or SILENCE_SECONDS
        self._environment = environment
        self._guard = threading.Lock()
        self._process: Piped | None = None
        self._stopped = False

    @property
    def pid(self) -> int | None:
        """The process's number; None where none runs."""
        process = self._process
        return process.pid if process else None

    def ask(
        self,
        header: Mapping[str, Any],
        arrays: Sequence[NDArray[Any]] = (),
        *,
        seconds: float,
        say: Callable[[str], None] = lambda _: None,
        paths: Iterator[tuple[int, str]] | None = None,
        at_once: int = 1,
    ) -> Message:
        """Return the answer to a request, within so many seconds; start the process if need be.

        ``say`` gets what a person should know, ``paths`` are given as they are wanted, so many
        ``at_once``. Raises what the process raised, PhototaggerError where it ended or hangs,
        InterruptedByUser where it was stopped.
        """
        with self._guard:
            process = self._running()
            until = time.monotonic() + seconds
            try:
                process.write(packed(header, arrays), until)
                answer = _answer(process, until, say, paths or iter(()), at_once)
            except (GoneError, HangsError, GarbledError) as error:
                raise self._failure(process, error) from error
            except BaseException:
                self._end()  # or the next answer would be the one that was not waited for
                raise
            if answer.header.get("lost"):
                self._end()
        if answer.header["say"] == "failed":
            raise _raised(answer.header)
        return answer

    def stop(self) -> None:
        """End the process at once, from any thread; what is asked of it raises InterruptedByUser.

        No other is started.
        """
        self._stopped = True
        process = self._process
        if process is not None:
            process.kill()

    def close(self, seconds: float = _POLITE_SECONDS) -> None:
        """End the process, which gets so long to end by itself; harmless where none runs."""
        with self._guard:
            self._end(seconds)

    def _running(self) -> Piped:
        if self._stopped:
            raise InterruptedByUser(*_STOPPED)
        if self._process is None:
            self._process = Piped(self._command, self._log(), self._silence, self._environment)
            self.starts += 1
            if self._stopped:  # while it was started
                self._process.kill()
        return self._process

    def _end(self, seconds: float = 0.0) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.end(seconds)

    def _failure(self, process: Piped, error: Exception) -> PhototaggerError:
        """End the process and return what is to be said of it."""
        ended = process.ended() if isinstance(error, GoneError) else None
        self._end()
        if self._stopped:
            return InterruptedByUser(*_STOPPED)
        failure = explained(error, ended, printable(self._log()))
        with contextlib.suppress(OSError):
            log_end = read_own(self._log())[-_TAIL_BYTES:]
            failure.add_note(f"the end of log.txt:\n{log_end.decode(errors='replace')}")
        return failure


def _answer(
    process: Piped,
    until: float,
    say: Callable[[str], None],
    paths: Iterator[tuple[int, str]],
    at_once: int,
) -> Message:
    while True:
        message = read_message(lambda size: process.read(size, until))
        match message.header["say"]:
            case "notice":
                say(message.header["text"])
            case "want":
                chunk = list(islice(paths, at_once))
                more = {"paths": chunk, "last": len(chunk) < at_once}
                process.write(packed(more), until)
            case "done" | "failed":
                return message


def explained(error: Exception, ended: int | None, log: str) -> PhototaggerError:
    """Return what is to be said of a process that is gone, hangs or is garbled."""
    if isinstance(error, HangsError):
        return PhototaggerError(
            "the model's process does not answer any more and was ended",
            "run again, with a smaller --batch-images or with --device cpu where it happens again",
        )
    if ended == -signal.SIGKILL:
        return PhototaggerError(
            "the model's process was killed (signal 9), as happens where memory runs out",
            "use a smaller --batch-images, a smaller model, or --device cpu",
        )
    how = f"ended with exit code {ended}"
    if isinstance(error, GarbledError):
        how = "said what cannot be understood, and was ended"
    elif ended is not None and ended < 0:
        how = f"crashed (signal {-ended}: {signal.strsignal(-ended)})"
    return PhototaggerError(
        f"the model's process {how}",
        f"run again, and look at its last words in {log}",
    )


def _raised(header: Mapping[str, Any]) -> PhototaggerError:
    kind: type[PhototaggerError] = getattr(errors, header["kind"])
    failure = kind(header["cause"], header["cure"])
    failure.add_note(f"in the model's process:\n{header['output']}")
    return failure
