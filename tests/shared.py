"""Where the real files lie that are used as extra test input but are never part of the project."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

_CHECKOUT = Path(__file__).resolve().parent.parent

needs_exiftool = pytest.mark.skipif(
    shutil.which("exiftool") is None, reason="needs exiftool (apt install libimage-exiftool-perl)"
)


def shared_data(name: str = "") -> Path:
    """Return ``../shared/data`` (or a part of it); skip the test where it is not here.

    ``PHOTOTAGGER_SHARED`` names another place for the folder that holds ``data``.
    """
    shared = Path(os.environ.get("PHOTOTAGGER_SHARED") or _CHECKOUT.parent / "shared")
    data = shared / "data" / name
    if not data.is_dir():
        pytest.skip(f"needs ../shared: {data} is not here")
    return data
