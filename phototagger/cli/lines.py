"""JSON, one object a line on stdout."""

from __future__ import annotations

import json
import sys
from typing import IO, TYPE_CHECKING, Any

from phototagger.core.export import path_bytes, shown

if TYPE_CHECKING:
    from collections.abc import Mapping


def print_json(data: Mapping[str, Any], out: IO[str] | None = None) -> None:
    """Print one object; where the stream is not UTF-8, in ASCII, which every reader takes."""
    out = out or sys.stdout
    encoding = str(getattr(out, "encoding", "") or "").lower().replace("-", "")
    out.write(json.dumps(data, ensure_ascii=encoding != "utf8") + "\n")
    out.flush()


def print_finished(code: int, run: str | None = None) -> None:
    """Print the last line of every command that speaks JSON."""
    print_json({"event": "finished", "run": run, "exit": int(code)})


def path_fields(name: str, path: str) -> dict[str, str]:
    """Return a path's field, and its bytes in hexadecimal where it is not UTF-8."""
    raw = path_bytes(path)
    fields = {name: shown(path)}
    return fields if raw is None else {**fields, f"{name}_bytes": raw.hex()}
