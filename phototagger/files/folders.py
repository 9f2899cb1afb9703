"""Which folder lies in which, whatever paths lead there."""

import os
import re
from pathlib import Path

_OCTAL = re.compile(rb"\\([0-7]{3})")
_MOUNTS = Path("/proc/self/mountinfo")
StrPath = str | os.PathLike[str]


def holds(folder: StrPath, other: StrPath) -> bool:
    """Tell whether a folder is another one or holds it: through links, case, ``..`` and mounts."""
    try:
        mine = os.stat(folder)  # noqa: PTH116
        above = [Path(other).resolve(), *Path(other).resolve().parents]
        if any(os.path.samestat(mine, parent.stat()) for parent in above):
            return True
    except OSError:
        return False
    # A folder that is mounted at a second place is not below its own parents there.
    device, inner = _in_file_system(folder)
    its_device, its_inner = _in_file_system(other)
    inside = its_inner == inner or its_inner.startswith(inner.rstrip(b"/") + b"/")
    return device == its_device != b"" and inside


def _in_file_system(folder: StrPath) -> tuple[bytes, bytes]:
    """Return a folder's device and its path in there (proc(5)); nothing where nobody says."""
    where = os.fsencode(os.path.realpath(folder))
    best, device, inner = b"", b"", b""
    try:
        lines = _MOUNTS.read_bytes().splitlines()
    except OSError:
        return device, inner
    for line in lines:
        _, _, number, *places = line.split(b" ")
        root, mount = (_OCTAL.sub(_character, place) for place in places[:2])
        below = mount.rstrip(b"/") + b"/"
        if (where + b"/").startswith(below) and len(mount) >= len(best):
            best, device = mount, number
            inner = os.path.normpath(root.rstrip(b"/") + b"/" + (where + b"/")[len(below) :])
    return device, inner


def _character(octal: re.Match[bytes]) -> bytes:
    return bytes([int(octal[1], 8)])
