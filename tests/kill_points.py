"""SIGKILL of ourselves between any two steps that change something."""

from __future__ import annotations

import functools
import os
import signal
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phototagger.sidecars import commit as sidecar_commit
from phototagger.sidecars.exiftool import session as stay_open
from tests.ledgers import FileLedger

if TYPE_CHECKING:
    from collections.abc import Callable

_STEPS: list[tuple[Any, str]] = [
    (os, "open"),
    (os, "fsync"),
    (os, "fchmod"),
    (os, "replace"),
    (os, "unlink"),
    (Path, "write_bytes"),
    (Path, "symlink_to"),
    (sidecar_commit, "sync_folders"),
    (stay_open.StayOpen, "ask"),
    (FileLedger, "begin"),
    (FileLedger, "finish"),
    (FileLedger, "drop"),
]


def killed_at(step: int, work: Callable[[], object]) -> bool:
    """Do some work in a child that is killed before its given step; say whether it got there.

    Each call that changes something has a step before it and a step after it.
    """
    child = os.fork()
    if child == 0:
        status = 3
        try:
            _arm(step)
            work()
            status = 0
        except BaseException:  # noqa: BLE001  (a child that fails says so and ends)
            traceback.print_exc()
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0
    return False


def _arm(last: int) -> None:
    """Make the steps count themselves, and the given one kill."""
    passed = 0

    def count() -> None:
        nonlocal passed
        if passed == last:
            os.kill(os.getpid(), signal.SIGKILL)
        passed += 1

    def counted(real: Callable[..., object]) -> Callable[..., object]:
        @functools.wraps(real)
        def call(*positional: object, **named: object) -> object:
            if real.__module__ == "posix" and not _ours(positional[0]):
                return real(*positional, **named)
            count()
            result = real(*positional, **named)
            count()
            return result

        return call

    for owner, name in _STEPS:
        setattr(owner, name, counted(getattr(owner, name)))


def _ours(target: object) -> bool:
    """Say whether a file is a sidecar or a temporary file of ours, not the interpreter's own."""
    name = Path(f"/proc/self/fd/{target}").readlink() if isinstance(target, int) else target
    return ".phototagger-" in str(name) or str(name).endswith(".xmp")
