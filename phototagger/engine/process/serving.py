"""What a process does that serves another through its stdin and stdout."""

import ctypes
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from typing import Any, BinaryIO

from numpy.typing import NDArray

from phototagger.engine.advice import told
from phototagger.engine.process.wire import Message, packed

KINDS = ("UsageError", "MissingError", "NodeError", "PhototaggerError")
"""The errors that a failure may be told as."""

_PR_SET_PDEATHSIG = 1


def end_with(parent: int) -> None:
    """Let the kernel kill this process when its parent ends; end now where it already has."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Take stdin and stdout, so that whatever else is printed goes to stderr."""
    inbox, outbox = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    return inbox, outbox


def send(outbox: BinaryIO, header: dict[str, Any], arrays: Sequence[NDArray[Any]] = ()) -> None:
    """Write a message."""
    for part in packed(header, arrays):
        outbox.write(part)
    outbox.flush()


def failed(error: Exception, *, lost: bool = False) -> Message:
    """Return the message that tells of a failure; ``lost``: another process is needed now."""
    failure = told(error)
    return Message(
        {
            "say": "failed",
            "lost": lost,
            "kind": next(kind.__name__ for kind in type(failure).__mro__ if kind.__name__ in KINDS),
            "cause": failure.cause,
            "cure": failure.cure,
            "output": "".join(traceback.format_exception(error)),
        },
        [],
    )
