"""What kind of file system a folder lies on."""

import os
import re
from pathlib import Path

_NETWORK = (
    "nfs", "cifs", "smb", "9p", "afs", "ceph", "gluster", "lustre", "gpfs", "beegfs",
    "fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.rclone", "fuse.s3fs", "davfs",
)  # fmt: skip
_OCTAL = re.compile(rb"\\([0-7]{3})")


def is_network(folder: str | os.PathLike[str], mounts: Path = Path("/proc/mounts")) -> bool:
    """Tell whether a folder lies on a network file system, where SQLite's WAL is not safe."""
    where = os.fsencode(os.path.realpath(folder))
    best, kind = b"", ""
    try:
        lines = mounts.read_bytes().split(b"\n")
    except OSError:
        return False
    for line in lines:
        _, mount, fs_type, *_ = [*line.split(b" "), b"", b"", b""]
        mount = _OCTAL.sub(lambda octal: bytes([int(octal[1], 8)]), mount)
        inside = where == mount or where.startswith(mount.rstrip(b"/") + b"/")
        if mount and inside and len(mount) >= len(best):
            best, kind = mount, fs_type.decode("ascii", "replace")
    return kind.startswith(_NETWORK)
