"""Paths as the catalogue orders them: by their bytes."""

import os


def paths_under(root: str) -> tuple[bytes, bytes]:
    """Return where the paths under a root (absolute) begin, and the first path after them all."""
    base = os.fsencode(root.rstrip(os.sep)) + b"/"
    return base, base[:-1] + b"0"  # 0 follows / in ASCII
