"""Where each root's review was left, in one small file of the run_dir.

It is no decision: where it cannot be read or written, the review begins at the first photo.
"""

import contextlib
import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from phototagger.files.atomic import write_atomically
from phototagger.files.own import read_own_json

NAME = "left_off.json"
_ROOTS = 100  # of so many roots the place is kept
_MOST_BYTES = 100_000_000
_SHA1 = 20  # bytes


@dataclass(frozen=True)
class LeftOff:
    """A place in a review: the photo's path below the root, what was shown, what was marked.

    ``filter`` and ``order`` are as the review spells them, ``label`` what the order goes by.
    ``threshold`` holds as long as the settings say ``set_threshold``. ``marks`` are contents,
    ``searches`` how many were made.
    """

    photo: str = ""
    filter: str = ""
    order: str = ""
    label: str = ""
    threshold: float = 0.0
    set_threshold: float = 0.0
    marks: frozenset[bytes] = frozenset()
    searches: int = 0


def read_left_off(run_dir: Path, root: str) -> LeftOff | None:
    """Return where a root's review was left; None where nobody knows."""
    place = read_own_json(run_dir / NAME, _MOST_BYTES).get(root)
    if not isinstance(place, dict):
        return None
    values: dict[str, Any] = {}
    for field in fields(LeftOff):
        value = place.get(field.name, field.default)
        if field.name == "marks":
            value = _contents(value)
        elif type(value) is not type(field.default):
            return None
        values[field.name] = value
    return LeftOff(**values)


def write_left_off(run_dir: Path, root: str, place: LeftOff) -> None:
    """Keep where a root's review is; where that cannot be done, nothing is kept."""
    places = read_own_json(run_dir / NAME, _MOST_BYTES)
    places.pop(root, None)  # the latest come last
    places[root] = {**vars(place), "marks": sorted(mark.hex() for mark in place.marks)}
    latest = dict(list(places.items())[-_ROOTS:])
    with contextlib.suppress(OSError), write_atomically(run_dir / NAME, durable=False) as file:
        file.write(json.dumps(latest).encode())


def _contents(marks: object) -> frozenset[bytes]:
    marks_read = set()
    for mark in marks if isinstance(marks, list) else ():
        with contextlib.suppress(ValueError, TypeError):
            marks_read.add(bytes.fromhex(mark))
    return frozenset(sha1 for sha1 in marks_read if len(sha1) == _SHA1)
