"""JSON, one object a line on stdout."""

import json
import sys
from collections.abc import Mapping
from typing import IO, Any

from phototagger.errors import PhototaggerError
from phototagger.printable import json_text


def print_json(data: Mapping[str, Any], out: IO[str] | None = None) -> None:
    """Print one object; where the stream is not UTF-8, in ASCII, which every reader takes."""
    out = out or sys.stdout
    encoding = str(getattr(out, "encoding", "") or "").lower().replace("-", "")
    out.write((json_text(data) if encoding == "utf8" else json.dumps(data)) + "\n")
    out.flush()


def error_data(error: PhototaggerError) -> dict[str, str]:
    """Return an error as it is told in JSON."""
    return {
        "event": "error", "message": str(error), "cause": error.cause, "cure": error.cure,
    }  # fmt: skip


def print_finished(code: int, run: str | None = None) -> None:
    """Print the last line of every command that speaks JSON."""
    print_json({"event": "finished", "run": run, "exit": int(code)})
