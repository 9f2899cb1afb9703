"""Which run_dirs were used, and with which roots, in the user's state folder (XDG).

Decisions live in the run_dir. Nobody should think that they are lost because the current folder,
and with it a relative run_dir, changed, nor take somebody else's, which came with an album, for
their own.
"""

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from phototagger.files.atomic import write_atomically
from phototagger.files.own import make_folder
from phototagger.printable import printable

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
    _write(file, places)
    return before if before != run_dir else None


def remember_run_dir(run_dir: str, file: Path | None = None) -> bool:
    """Note that this user uses a run_dir; tell whether they did before."""
    try:
        file = file or places_file().with_name("run_dirs.json")
    except RuntimeError:
        return True
    real = os.path.realpath(run_dir)
    known = _read(file)
    before = known.pop(real, None)
    known[real] = real
    _write(file, known)
    return before is not None


def knows_run_dir(run_dir: str | os.PathLike[str], file: Path | None = None) -> bool:
    """Tell whether this user has used a run_dir before; nothing is noted."""
    try:
        return os.path.realpath(run_dir) in _read(file or places_file().with_name("run_dirs.json"))
    except RuntimeError:
        return False


def notices(root: str, run_dir: str, *, is_new: bool) -> Iterator[str]:
    """Note that a root is used with a run_dir; yield what a person should know of the two.

    ``is_new``: the run_dir held no catalogue before.
    """
    roots = roots_used_with(run_dir)
    if not (remember_run_dir(run_dir) or roots or is_new):
        yield (
            f"you have not used the decisions in {printable(run_dir)} before; they may have come "
            "with the photos. To begin with your own, name another folder with --run-dir"
        )
    if other := remember_place(root, run_dir):
        yield (
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


def _write(file: Path, places: Mapping[str, str]) -> None:
    """Keep the latest, where that can be done: without a state folder there is no reminder."""
    latest = dict(list(places.items())[-_REMEMBERED:])
    with contextlib.suppress(OSError):
        make_folder(file.parent)
        with write_atomically(file, durable=False) as out:
            out.write(json.dumps(latest, indent=1).encode())


def _read(file: Path) -> dict[str, str]:
    try:
        places = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    if not isinstance(places, dict):
        return {}
    return {root: run_dir for root, run_dir in places.items() if isinstance(run_dir, str)}
