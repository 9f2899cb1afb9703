"""Every error phototagger raises on purpose, and the exit code each one ends with.

    PhototaggerError                 1   the job could not be done
    ├── UsageError                   2   a setting, a flag or a file of the user's is wrong
    │   ├── SettingsError            2   ... every mistake in the settings at once
    │   ├── LabelsError              2   ... every mistake in the labels file at once
    │   ├── ApprovalsError           2   ... the mistakes in a file of decisions at once
    │   └── NewerCatalogueError      2   ... the catalogue was written by a newer phototagger
    ├── DamagedCatalogueError        1   the catalogue is damaged; nothing is written into it
    ├── EmptyAnswer                  1   what was asked has an answer: nothing was found or proved
    ├── MissingError                 3   something needed is not here: weights, exiftool, disk
    │   └── NodeError                3   ... a node of a cluster, which is gone or cannot be used
    ├── LockedError                  4   another phototagger holds the run_dir
    ├── InterruptedByUser          130   Ctrl+C or SIGTERM, after everything open was closed
    ├── UnreadablePhoto              1   one photo; a step notes it and goes on
    └── RefusedSidecar               1   one sidecar, left as it was; the step notes it and goes on

Each has a ``cause``, what happened and to which file, and a ``cure``, what to do; its message is
made of the two. ``cli`` prints it; nothing else does.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING

from phototagger.printable import printable

if TYPE_CHECKING:
    from phototagger.reasons import Reason

_CORRECT = "correct what is named, then run again"


class ExitCode(IntEnum):
    """The exit codes of the command line, each with its sentence."""

    sentence: str

    def __new__(cls, value: int, sentence: str) -> ExitCode:
        """Make a member that is its number and carries its sentence."""
        member = int.__new__(cls, value)
        member._value_ = value
        member.sentence = sentence
        return member

    DONE = 0, "all done"
    SOME_FAILED = (
        1,
        (
            "done, but some photos failed or were refused (listed), or nothing was found or "
            "proved; or the job failed"
        ),
    )
    USAGE = 2, "a flag, a setting, or a file named by one is wrong"
    MISSING = 3, "something needed is missing: weights, exiftool, disk space"
    LOCKED = 4, "another phototagger holds the run_dir"
    INTERRUPTED = 130, "interrupted; everything finished so far is kept"


class PhototaggerError(Exception):
    """The job could not be done: the ``cause``, and the ``cure`` that a person can try.

    ``told``: whoever listens to the command as JSON has heard of it.
    """

    exit_code = ExitCode.SOME_FAILED
    told = False

    def __init__(self, cause: str, cure: str) -> None:
        super().__init__(cause, cure)
        self.cause = cause
        self.cure = cure

    def __str__(self) -> str:
        return f"{self.cause}; {self.cure}" if self.cure else self.cause

    @property
    def messages(self) -> tuple[str, ...]:
        """What is said, one line each once it is printable."""
        return (str(self) or type(self).__name__,)


class UsageError(PhototaggerError):
    """A flag, a setting, or a file named by one is wrong."""

    exit_code = ExitCode.USAGE


class _Mistakes(UsageError):  # noqa: N818
    """Several mistakes, told at once; each says what would be right, or one ``cure`` is for all."""

    def __init__(self, mistakes: Sequence[str], cure: str = _CORRECT) -> None:
        super().__init__("\n".join(mistakes), cure)
        self.mistakes = tuple(mistakes)

    def __str__(self) -> str:
        return self.cause if self.cure == _CORRECT else super().__str__()

    @property
    def messages(self) -> tuple[str, ...]:
        """Every mistake."""
        if self.cure == _CORRECT:
            return self.mistakes
        return (*self.mistakes[:-1], f"{self.mistakes[-1]}; {self.cure}")


class SettingsError(_Mistakes):
    """Every mistake found in the settings."""


class LabelsError(_Mistakes):
    """Every mistake found in a labels file."""


class ApprovalsError(_Mistakes):
    """The mistakes found in a file of decisions."""


class NewerCatalogueError(UsageError):
    """The catalogue was written by a newer phototagger than this one."""


class DamagedCatalogueError(PhototaggerError):
    """The catalogue is damaged; the message names the tables, and the command that repairs it."""


class EmptyAnswer(PhototaggerError):  # noqa: N818  (not an error of the program)
    """What was asked has an answer, and it is: nothing was found, or nothing is proved."""


class MissingError(PhototaggerError):
    """Something needed is not here; the message names the cure."""

    exit_code = ExitCode.MISSING


class NodeError(MissingError):
    """A node of a cluster is gone, or cannot be used."""


class LockedError(PhototaggerError):
    """Another phototagger holds the run_dir; ``holder`` is its process, as a person reads it."""

    exit_code = ExitCode.LOCKED

    def __init__(self, cause: str, cure: str, holder: str = "") -> None:
        super().__init__(cause, cure)
        self.holder = holder


class InterruptedByUser(PhototaggerError):  # noqa: N818  (not an error of the program)
    """The person asked to stop; everything finished so far is kept."""

    exit_code = ExitCode.INTERRUPTED


class UnreadablePhoto(PhototaggerError):  # noqa: N818  (named for what it says)
    """One photo could not be read: its path, and the reason, a code with fields."""

    def __init__(self, path: str | bytes | os.PathLike[str], reason: Reason) -> None:
        self.path = os.fsdecode(path)
        self.reason = reason
        super().__init__(
            f"{printable(self.path)}: {reason}", "mend the photo or leave it out, then run again"
        )

    def __str__(self) -> str:
        return self.cause

    def __reduce__(self) -> tuple[type[UnreadablePhoto], tuple[str, Reason]]:
        """Keep path and reason through a pickle."""
        return UnreadablePhoto, (self.path, self.reason)


class RefusedSidecar(PhototaggerError):  # noqa: N818  (named for what it says)
    """One sidecar is left exactly as it was; the message is the reason, without the path."""

    def __init__(self, cause: str, cure: str = "") -> None:
        super().__init__(cause, cure)
