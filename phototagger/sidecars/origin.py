"""What a sidecar that we made says of its photo beside our labels, and whether that is still so.

One that nobody else changed follows its photo: it says what a new one would say. Whether the photo
was edited is known by its digest, so that exiftool reads only photos whose sidecars are to be made.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from phototagger.errors import RefusedSidecar
from phototagger.printable import printable
from phototagger.sidecars.area import Area
from phototagger.sidecars.file import OnDisk, read_sidecar
from phototagger.sidecars.items import Item, Lookup
from phototagger.sidecars.ledger import Entry, Origin, digest_of
from phototagger.sidecars.seed import Seed, Source, seed_of
from phototagger.sidecars.xmp.keywords import Field, Owned, levels, same
from phototagger.sidecars.xmp.read import Sidecar, parse

if TYPE_CHECKING:
    from phototagger.sidecars.exiftool.edit import Exiftools


@dataclass(frozen=True)
class Seen:
    """A sidecar as it is on disk and in the ledger.

    ``held``: what it holds, None where there is none. ``labels``: those that it is to hold.
    ``follows``: we made it, nobody changed it since, and nothing in it is nowhere else. Only where
    it follows, or is to be made, is told what it would be made of: ``origin``; ``other``, the
    sidecar that it must not hide; ``hidden``, why there is no telling.
    """

    item: Item
    disk: OnDisk
    entry: Entry | None
    held: Sidecar | None
    labels: tuple[str, ...]
    follows: bool = False
    origin: Origin | None = None
    other: Source | None = None
    hidden: RefusedSidecar | None = None

    @property
    def made_of(self) -> Origin | None:
        """What the sidecar was made of; None where that is not known."""
        return self.entry.origin if self.entry else None

    @property
    def is_of_this_photo(self) -> bool:
        """Whether the sidecar was written for the photo, not for one that it was renamed over."""
        content, state = self.entry.content if self.entry else None, self.item.state
        return content is None or state.content is None or content in (state.content, state.former)

    @property
    def needs_seed(self) -> bool:
        """Whether the photo is to be read."""
        if self.hidden is not None or self.origin is None:
            return False
        if self.held is None:
            return True
        return self.follows and self.made_of != self.origin


def look_at(item: Item, look: Lookup, area: Area) -> Seen:
    """Return what is known of a sidecar before its photo is read.

    Raises ``RefusedSidecar`` where it is there and cannot be read.
    """
    disk = read_sidecar(item.sidecar, area)
    entry = _known(look(os.fsencode(disk.path)), disk, item)
    if disk.data is None:
        seen = Seen(item, disk, entry, None, item.wanted)
        return _with_origin(seen, look, area) if item.wanted else seen
    sidecar = parse(disk.data)
    labels = item.labels_of(sidecar.keywords, entry.owned) if entry else item.wanted
    seen = Seen(item, disk, entry, sidecar, labels)
    if entry is None or entry.digest != digest_of(disk.data) or not _may_be_made(entry, sidecar):
        return seen
    if disk.path != item.sidecar.absolute():  # a link to the one of another photo
        return seen
    seen = _with_origin(seen, look, area)
    was, now = entry.origin and entry.origin.other, seen.origin and seen.origin.other
    # what it took from a sidecar that is gone since, only it says now
    return replace(seen, follows=was is None or now is not None or seen.hidden is not None)


def seeds_of(
    items: Sequence[Seen | RefusedSidecar | None], tools: Exiftools
) -> list[Seed | RefusedSidecar | None]:
    """Return for each sidecar what it begins as, or why it cannot; None where nobody asks."""
    asked = [seen for seen in items if isinstance(seen, Seen) and seen.needs_seed]
    if not asked:
        return [None] * len(items)
    embedded = iter(tools.reader.embedded([seen.item.photo for seen in asked]))
    seeds: list[Seed | RefusedSidecar | None] = []
    for seen in items:
        if not (isinstance(seen, Seen) and seen.needs_seed):
            seeds.append(None)
            continue
        try:
            if isinstance(read := next(embedded), RefusedSidecar):
                raise read
            seeds.append(
                seed_of(
                    read,
                    seen.other,
                    tools.reader.makes_nothing_of,
                    as_lightroom=seen.item.sidecar.stem != seen.item.photo.name,
                )
            )
        except RefusedSidecar as why:
            seeds.append(why)
    return seeds


def says_nothing_else(seen: Seen, seed: Seed) -> bool:
    """Say whether a sidecar has no property, and no keyword but ours, that a new one would lack."""
    assert seen.held is not None
    assert seen.entry is not None
    properties = {} if seed.data is None else parse(seed.data).foreign
    there = {name for field in Field for name in levels(field, seed.keywords.get(field, ()))}
    owned = seen.entry.owned
    ours = {*owned.subject, *owned.hierarchy, *owned.tags}
    entries = {entry for keywords in seen.held.keywords.values() for entry in keywords}
    return seen.held.foreign.keys() <= properties.keys() and all(
        same(entry) in there for entry in entries - ours
    )


def _known(entry: Entry | None, disk: OnDisk, item: Item) -> Entry | None:
    """Return what is known of a sidecar; None where it may be another one.

    So it may where it has neither the bytes that we left, or saw beside its photo, nor that photo:
    it may have come with the photo that is there now.
    """
    content = item.state.content
    if entry is None or disk.data is None or None in (content, entry.content):
        return entry
    is_known = digest_of(disk.data) in (entry.digest, entry.seen)
    return entry if is_known or content == entry.content else None


def _may_be_made(entry: Entry, sidecar: Sidecar) -> bool:
    """Say whether we made a sidecar that is as we left it.

    An older phototagger did not note that, and put nothing but keywords into what it made.
    """
    return not sidecar.foreign if entry.made is None else entry.made


def _with_origin(seen: Seen, look: Lookup, area: Area) -> Seen:
    """Return the same with what it would be made of today."""
    try:
        other = _other(seen, look, area)
        photo = seen.item.state.edition or _sha1(seen.item)
    except RefusedSidecar as why:
        return replace(seen, hidden=why)
    origin = Origin(photo, digest_of(other.data if other else None))
    return replace(seen, other=other, origin=origin)


def _other(seen: Seen, look: Lookup, area: Area) -> Source | None:
    """Return the sidecar under the other name, where there is one that a new one would hide.

    One that follows the photo itself hides nothing of its own.
    """
    path = seen.item.other
    if path is None or not path.is_file():
        return None
    try:
        disk = read_sidecar(path, area)
    except RefusedSidecar as why:
        name = printable(path.name)
        raise RefusedSidecar(f"it would hide {name}, of which: {why}") from why
    entry = _known(look(os.fsencode(disk.path)), disk, seen.item)
    if entry is not None and entry.made and entry.digest == digest_of(disk.data):
        is_copy = entry.origin is not None and entry.origin.other is not None
        if not is_copy or seen.disk.data is not None:
            return None
    return Source(disk.data or b"", path.name, entry.owned if entry else Owned())


def _sha1(item: Item) -> str:
    """Return the SHA-1 of a photo's bytes, as hex."""
    try:
        with item.photo.open("rb") as file:
            sha1 = partial(hashlib.sha1, usedforsecurity=False)
            return hashlib.file_digest(file, sha1).hexdigest()
    except OSError as error:
        raise RefusedSidecar(f"its photo cannot be read ({error.strerror})") from error
