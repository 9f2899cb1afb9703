"""A sidecar on disk: read once, replaced whole or not at all; and the private folder for copies."""

import contextlib
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from phototagger.errors import MissingError, RefusedSidecar
from phototagger.files.atomic import remove_leftovers, sync_folder
from phototagger.files.own import create_file, temporary_beside
from phototagger.files.private import private_folder, remove_abandoned
from phototagger.printable import printable
from phototagger.sidecars.area import Area
from phototagger.sidecars.xmp.read import MAX_BYTES

_STAGE = "phototagger-stage-"
_MEMORY = Path("/dev/shm")  # noqa: S108  (folders made in it are private)


@dataclass(frozen=True)
class OnDisk:
    """A sidecar as it was when it was read; ``data`` and ``status`` are None where none was.

    ``path`` is absolute; a link to a sidecar is followed, so that the link stays one.
    """

    path: Path
    data: bytes | None = None
    status: os.stat_result | None = None

    def refuse_changed(self) -> None:
        """Raise ``RefusedSidecar`` where the file is no longer the one that was read."""
        try:
            now = os.lstat(self.path)
        except FileNotFoundError:
            if self.status is None:
                return
            now = None
        except OSError as error:
            raise RefusedSidecar(_because("it cannot be looked at", error)) from error
        if self.status is None or now is None or _identity(now) != _identity(self.status):
            raise RefusedSidecar("another program changed it meanwhile", "write again")

    def write_beside(self, data: bytes) -> Path:
        """Write new bytes to a temporary file in the same folder; return its path.

        It has the mode, owner and extended attributes of the sidecar, or those of any new file,
        and is fsynced. Raises ``RefusedSidecar``, leaving no file, where that cannot be done.
        """
        path = Path(temporary_beside(self.path))
        try:
            handle = create_file(path, private=self.status is not None)
        except OSError as error:
            raise RefusedSidecar(_because("nothing can be written beside it", error)) from error
        try:
            with open(handle, "wb", closefd=True) as file:  # noqa: PTH123  (a descriptor)
                file.write(data)
                file.flush()
                if self.status is not None:
                    _copy_owner(self.path, self.status, handle)
                os.fsync(handle)
        except OSError as error:
            path.unlink(missing_ok=True)
            raise RefusedSidecar(_because("it cannot be written", error)) from error
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path

    def put(self, temporary: Path | None) -> None:
        """Put the temporary file in the sidecar's place, or remove the sidecar where it is None.

        Raises ``RefusedSidecar`` where somebody else changed the sidecar since it was read.
        """
        self.refuse_changed()
        try:
            if temporary is None:
                self.path.unlink()
            else:
                os.replace(temporary, self.path)  # noqa: PTH105  (tests break it here)
        except OSError as error:
            raise RefusedSidecar(_because("it cannot be replaced", error)) from error


def read_sidecar(path: Path, area: Area | None = None) -> OnDisk:
    """Read a sidecar; raise ``RefusedSidecar`` where it is neither missing, a file nor a link.

    A link that leads out of ``area``, where it is given, is not followed.
    """
    path = path.absolute()
    try:
        status = os.lstat(path)
        if stat.S_ISLNK(status.st_mode):
            path = path.resolve(strict=True)
            if area is not None and not area.has(str(path)):
                raise RefusedSidecar(
                    f"it is a link that leads out of the photos' folder, to {printable(path)}",
                    "put a sidecar in the place of the link, or name a root that holds both",
                )
            if path.suffix.lower() != ".xmp":
                raise RefusedSidecar("it is a link to something that is not named .xmp")
            status = os.lstat(path)
        elif not stat.S_ISREG(status.st_mode):
            raise RefusedSidecar("it is not a file")
        if not stat.S_ISREG(status.st_mode):
            raise RefusedSidecar("it is a link to something that is not a file")
        if status.st_size > MAX_BYTES:
            raise RefusedSidecar(f"it is larger than {MAX_BYTES >> 20} MiB")
        return OnDisk(path, path.read_bytes(), status)
    except FileNotFoundError:
        if path.is_symlink():
            raise RefusedSidecar("it is a link to nothing") from None
        return OnDisk(path)
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links
        raise RefusedSidecar(_because("it cannot be read", error)) from error


def sync_folders(folders: Iterable[Path]) -> None:
    """Make renames in these folders last through a power cut, where the file system can."""
    for folder in set(folders):
        with contextlib.suppress(OSError):
            sync_folder(folder)


def clean_leftovers(folders: Iterable[Path]) -> None:
    """Remove the temporary files that a killed write left in these folders."""
    for folder in set(folders):
        with contextlib.suppress(OSError):
            remove_leftovers(folder)


@contextlib.contextmanager
def stage_folder() -> Iterator[Path]:
    """Give a private folder for copies; it goes afterwards, as do those of killed processes.

    It is in memory where there is room, because exiftool replaces every copy that it edits, which
    a disk makes slow; a ``TMPDIR`` that was set is used. Raises ``MissingError`` where there is no
    room at all.
    """
    parent = _stage_parent()
    for place in (parent, _MEMORY):
        remove_abandoned(_STAGE, place)
    with contextlib.ExitStack() as stack:
        try:
            stage = stack.enter_context(private_folder(_STAGE, parent))
        except OSError as error:
            raise MissingError(
                _because(f"no room for a private folder in {parent}", error),
                "make room there, or name another folder with TMPDIR, then run again",
            ) from error
        yield stage


def _stage_parent() -> Path:
    """Return where private folders are made."""
    with contextlib.suppress(OSError):
        room = os.statvfs(_MEMORY)
        free = room.f_bavail * room.f_frsize
        if "TMPDIR" not in os.environ and free > 4 * MAX_BYTES and os.access(_MEMORY, os.W_OK):
            return _MEMORY
    return Path(tempfile.gettempdir())


def _copy_owner(path: Path, status: os.stat_result, handle: int) -> None:
    """Give an open file the owner, mode and extended attributes of the sidecar."""
    mine = os.fstat(handle)
    if (mine.st_uid, mine.st_gid) != (status.st_uid, status.st_gid):
        os.fchown(handle, status.st_uid, status.st_gid)
    os.fchmod(handle, stat.S_IMODE(status.st_mode))
    with contextlib.suppress(OSError):  # many file systems have none
        for name in os.listxattr(path):
            os.setxattr(handle, name, os.getxattr(path, name))


def _identity(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _because(what: str, error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return f"{what} ({reason})"
