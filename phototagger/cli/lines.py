"""JSON, one object a line on stdout."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from phototagger.core.export import path_bytes, shown

if TYPE_CHECKING:
    from collections.abc import Mapping


def print_json(data: Mapping[str, Any]) -> None:
    """Print one object."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def path_fields(name: str, path: str) -> dict[str, str]:
    """Return a path's field, and its bytes in hexadecimal where it is not UTF-8."""
    raw = path_bytes(path)
    fields = {name: shown(path)}
    return fields if raw is None else {**fields, f"{name}_bytes": raw.hex()}
