"""One phototagger at a time writes to a run_dir."""

import fcntl
import json
import os
import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from phototagger.errors import LockedError, MissingError, UsageError
from phototagger.files.own import naming, open_own, read_own_json
from phototagger.printable import moment, printable

LOCK_NAME = "lock"
_MOST_BYTES = 1000


class RunDirLock:
    """The right to write to a run_dir: flock, and a file that says who holds it.

    The kernel frees a dead process's lock, so one of this host is taken over. A file that names
    another host may stand for a lock that this host's kernel does not see; it is respected until
    ``force`` says that it is stale.
    """

    def __init__(self, run_dir: Path, *, force: bool = False) -> None:
        self.path = run_dir / LOCK_NAME
        self._file = open_own(self.path, run_dir)
        try:
            self._refuse_foreign()
            self._take(run_dir, force=force)
        except BaseException:
            os.close(self._file)
            raise
        self._is_held = True

    def _refuse_foreign(self) -> None:
        if os.fstat(self._file).st_size > _MOST_BYTES:
            raise UsageError(
                f"{printable(self.path)}: is too long to be a lock of phototagger; it was left "
                "as it is",
                "move it away, or name another folder with --run-dir",
            )

    def _take(self, run_dir: Path, *, force: bool) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise self._locked(run_dir, "wait for it, or end it") from None
        except OSError as error:
            raise MissingError(
                f"{printable(run_dir)}: the file system cannot lock ({error.strerror})",
                "name a folder on another one with --run-dir",
            ) from error
        holder = read_own_json(self.path, _MOST_BYTES)
        if holder.get("host", socket.gethostname()) != socket.gethostname() and not force:
            raise self._locked(run_dir, "if that one has ended, use --force-unlock")
        mine = {
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "start": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        with naming(self.path):
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, json.dumps(mine).encode(), 0)

    def _locked(self, run_dir: Path, cure: str) -> LockedError:
        holder = _holder(read_own_json(self.path, _MOST_BYTES))
        return LockedError(
            f"{printable(run_dir)} is in use by another phototagger: {holder}", cure, holder
        )

    def status(self) -> os.stat_result:
        """Return the status of the open file."""
        return os.fstat(self._file)

    def close(self) -> None:
        """Give the run_dir free."""
        self.release()

    def release(self) -> None:
        """Give the run_dir free; the file stays, so that no two processes lock different ones."""
        if self._is_held:
            self._is_held = False
            os.ftruncate(self._file, 0)
            os.close(self._file)


def _holder(holder: Mapping[str, Any]) -> str:
    """Return who wrote this into the lock's file; that may be anybody."""
    match holder:
        case {"pid": int(pid), "host": str(host), "start": str(start)}:
            return f"process {pid} on {printable(host)} since {_moment_of(start)}"
    return "a process that does not say which"


def _moment_of(start: str) -> str:
    try:
        return moment(datetime.fromisoformat(start))
    except (ValueError, OverflowError):
        return printable(start)
