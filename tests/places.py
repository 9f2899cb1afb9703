"""Files at places that may be somebody else's, for tests of what is left alone."""

import ctypes
import hashlib
import io
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to be another user")


def jpeg(width: int, height: int, colour: tuple[int, int, int] = (200, 40, 90)) -> bytes:
    """Return the bytes of a JPEG."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "JPEG")
    return out.getvalue()


def hashes(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every regular file below a folder, by its relative path."""
    found = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            if path.is_file() and not path.is_symlink():
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                found[str(path.relative_to(folder))] = digest
    return found


def let_others_reach(folder: Path, mode: int = 0o755) -> None:
    """Let every user into a folder and those above it, up to the one of all temporary files."""
    above = [folder, *folder.parents]
    shared = next(at for at, one in enumerate(above) if one.stat().st_mode & stat.S_ISVTX)
    for one in above[:shared]:
        one.chmod(mode)


def as_user(uid: int, script: str) -> str:
    """Run a script as another user, who need not be able to read the interpreter; its output."""
    become = f"os.setgroups([]); os.setresgid({uid}, {uid}, {uid}); os.setresuid(*[{uid}] * 3)\n"
    imports = "import fcntl, json, os, tempfile, urllib.parse\n"
    imports += "import phototagger.store.catalogue.database, phototagger.store.lock\n"
    done = subprocess.run(
        [sys.executable, "-c", imports + become + script],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[1],
    )
    return done.stdout + done.stderr


def put_link(path: Path, photo: Path) -> None:
    path.symlink_to(photo)


def put_hard_link(path: Path, photo: Path) -> None:
    path.hardlink_to(photo)


def put_dangling_link(path: Path, photo: Path) -> None:
    path.symlink_to(photo.with_name("nothing"))


def put_fifo(path: Path, _: Path) -> None:
    os.mkfifo(path)


def put_folder(path: Path, _: Path) -> None:
    path.mkdir()


def put_device(path: Path, _: Path) -> None:
    path.symlink_to("/dev/zero")


FOREIGN = {
    "a link": put_link,
    "a hard link": put_hard_link,
    "a dangling link": put_dangling_link,
    "a FIFO": put_fifo,
    "a folder": put_folder,
    "a device": put_device,
}
"""Puts something at a path that is no file of ours; the second argument is a photo."""


def without_overriding() -> None:
    """Take from the process that begins now what lets root write where nobody may."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
            if libc.prctl(24, capability, 0, 0, 0):  # PR_CAPBSET_DROP
                raise OSError(ctypes.get_errno(), "prctl")
