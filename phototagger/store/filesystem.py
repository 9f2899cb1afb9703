"""What kind of file system a folder lies on."""

from __future__ import annotations

import os
from pathlib import Path

_NETWORK = (
    "nfs", "cifs", "smb", "9p", "afs", "ceph", "gluster", "lustre", "gpfs", "beegfs",
    "fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.rclone", "fuse.s3fs", "davfs",
)  # fmt: skip


def is_network(folder: str | os.PathLike[str], mounts: Path = Path("/proc/mounts")) -> bool:
    """Tell whether a folder lies on a network file system, where SQLite's WAL is not safe."""
    where = os.path.realpath(folder)
    best, kind = "", ""
    try:
        lines = mounts.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return False
    for line in lines:
        fields = line.split(" ")
        mount = fields[1].replace("\\040", " ")
        inside = where == mount or where.startswith(mount.rstrip("/") + "/")
        if inside and len(mount) >= len(best):
            best, kind = mount, fields[2]
    return kind.startswith(_NETWORK)
