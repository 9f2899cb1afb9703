"""Paths whose bytes are not UTF-8, in JSON."""

from __future__ import annotations

import os
from typing import Any


def readable(value: Any) -> Any:
    """Return a setting as JSON can hold it: a path that is not UTF-8 as {"path_bytes": hex}."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return {"path_bytes": os.fsencode(value).hex()}
    return value


def restored(value: Any) -> Any:
    """Return what ``readable`` was given."""
    if isinstance(value, dict) and set(value) == {"path_bytes"}:
        return os.fsdecode(bytes.fromhex(value["path_bytes"]))
    return value
