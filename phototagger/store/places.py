"""Which run_dir each root was used with last, in the user's state folder (XDG).

Decisions live in the run_dir; nobody should think that they are lost because the current folder,
and with it a relative run_dir, changed.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from phototagger.core.errors import printable
from phototagger.core.files import write_atomically
from phototagger.core.own_files import make_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

_REMEMBERED = 200


def places_file(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the file's path (XDG Base Directory Specification)."""
    state = environ.get("XDG_STATE_HOME", "")
    folder = Path(state) if os.path.isabs(state) else Path("~/.local/state").expanduser()  # noqa: PTH117
    return folder / "phototagger" / "places.json"


def remember_place(root: str, run_dir: str, file: Path | None = None) -> str | None:
    """Note that a root is used with a run_dir; return the other one it was used with before."""
    try:
        file = file or places_file()
    except RuntimeError:
        return None  # a user without a home, as in some containers
    places = _read(file)
    before = places.pop(root, None)
    places[root] = run_dir
    kept = dict(list(places.items())[-_REMEMBERED:])
    try:
        make_folder(file.parent)
        with write_atomically(file, durable=False) as out:
            out.write(json.dumps(kept, indent=1).encode())
    except OSError:
        pass  # a convenience: without a state folder there is just no reminder
    return before if before != run_dir else None


def used_elsewhere(root: str, run_dir: str) -> str:
    """Note that a root is used with a run_dir; say where its other decisions are, if any."""
    other = remember_place(root, run_dir)
    if not other:
        return ""
    return (
        f"{printable(root)} was used with another run_dir before: {printable(other)}; "
        f"decisions made there are not seen here (--run-dir {printable(other)})"
    )


def roots_used_with(run_dir: str | os.PathLike[str], file: Path | None = None) -> list[str]:
    """Return the roots that this user used with a run_dir last."""
    try:
        places = _read(file or places_file())
    except RuntimeError:
        return []
    real = os.path.realpath(run_dir)
    return [root for root, used in places.items() if os.path.realpath(used) == real]


def recent_roots(file: Path | None = None) -> list[str]:
    """Return the roots that were used and are still there, the latest first."""
    try:
        places = _read(file or places_file())
    except RuntimeError:
        return []
    return [root for root in reversed(places) if os.path.isdir(root)]  # noqa: PTH112


def _read(file: Path) -> dict[str, str]:
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {root: run_dir for root, run_dir in found.items() if isinstance(run_dir, str)}
