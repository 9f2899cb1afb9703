"""The ledger follows its photos: sidecars that were moved, renamed or copied are known again.

A sidecar at a new place is ours where a photo of the same content lies beside it and its bytes are
the last that we wrote for that content or saw beside it, or those that lie where we wrote them; or,
edited since by others, where photo and sidecar are both gone from the one place and both are here,
under a name of the same style.
"""

import functools
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, NamedTuple

from phototagger.errors import RefusedSidecar
from phototagger.sidecars.area import Area
from phototagger.sidecars.file import read_sidecar
from phototagger.sidecars.ledger import Entry, Intent, KnownSidecars, Ledger, batched, digest_of

ContentOf = Callable[[], str | None]
"""Returns the SHA-1 of a photo's content as hex; None where it cannot be read."""


class Followed(NamedTuple):
    """An entry under the place where its sidecar is now.

    ``source``: the entry as it was kept; ``fate``: what becomes of that one. It stays where the
    sidecar was copied, and is away where its folder is not there.
    """

    entry: Entry
    source: Entry
    fate: Literal["stays", "goes", "away"]


def follow(
    photos: Iterable[tuple[Path, ContentOf]], ledger: KnownSidecars, area: Area
) -> list[Followed]:
    """Return the entries whose sidecars are beside these photos now and not where they were.

    ``photos`` lie in real folders, each with what returns its content. Files are only read, and
    that only where a sidecar is not known at its place.
    """
    search = _Search(ledger, area)
    if search.is_idle:
        return []
    beside = _Beside()
    followed: dict[bytes, Followed] = {}
    for photo, content_of in photos:
        for sidecar in beside(photo):
            if os.fsencode(sidecar) not in followed:
                match = search.match(photo, sidecar, content_of)
                followed |= {match.entry.sidecar: match} if match else {}
    return list(followed.values())


class _Search:
    """Finds the entry that a sidecar belongs to."""

    def __init__(self, ledger: KnownSidecars, area: Area) -> None:
        self._area = area
        self._at_home = {e.sidecar: e for e in ledger.entries() if e.digest is not None}
        self._of_content: dict[str, list[Entry]] = defaultdict(list)
        for entry in (*self._at_home.values(), *ledger.away()):
            if entry.content is not None:
                self._of_content[entry.content].append(entry)
        self._came: dict[tuple[str, str | None], Entry] = {}

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing that could be found."""
        return not self._of_content

    def match(self, photo: Path, sidecar: Path, content_of: ContentOf) -> Followed | None:
        """Return the entry of a sidecar, as it is to be kept; None where nothing is to change."""
        home = self._at_home.get(os.fsencode(sidecar))
        content = content_of()
        if content not in self._of_content or (home and home.content in (None, content)):
            return None
        digest = _digest(sidecar)
        if digest is None or (home and digest in (home.digest, home.seen)):
            return None
        ours = self._of_content[content]
        candidates = [
            entry
            for entry in ours
            if digest in (entry.digest, entry.seen)
            or (entry.path != sidecar and _digest(entry.path) == digest)
        ]
        if not candidates and home is None:
            candidates = self._edited(content, digest, photo, sidecar)
        if not candidates:
            return None
        # of equal ones the one that went, then its namesake, then the one that claims least
        entry = min(
            candidates,
            key=lambda e: (
                not _is_gone(e.sidecar),
                e.path.name != sidecar.name,
                len(e.owned.subject),
            ),
        )
        moved = replace(entry, sidecar=os.fsencode(sidecar), photo=os.fsencode(photo), away=False)
        return Followed(moved, entry, self._fate(entry))

    def _edited(self, content: str, digest: str, photo: Path, sidecar: Path) -> list[Entry]:
        """Return the entry that came here with its photo, or back, and was edited by others."""
        came = self._came.get((content, digest))
        if came is None:
            taken = list(self._came.values())
            style = _is_appended(photo, sidecar)
            free = [
                entry
                for entry in self._of_content[content]
                if entry not in taken
                and _is_appended(Path(entry.photo_of_it), entry.path) == style
                and ((_is_gone(entry.sidecar) and _is_gone(entry.photo)) or entry.path == sidecar)
            ]
            came = min(free, key=lambda e: (e.away, e.path.name != sidecar.name), default=None)
        if came is None:
            return []
        self._came[content, digest] = came
        return [came]

    def _fate(self, entry: Entry) -> Literal["stays", "goes", "away"]:
        """Say what becomes of an entry: a disk that is not there may come back."""
        if entry.away or not _is_gone(entry.sidecar):
            return "stays"
        return "goes" if entry.path.parent.is_dir() or self._area.holds(entry) else "away"


def _digest(sidecar: Path) -> str | None:
    """Return the digest of a sidecar; None where there is none to be read."""
    try:
        return digest_of(read_sidecar(sidecar).data)
    except RefusedSidecar:
        return None


def _is_gone(path: bytes) -> bool:
    return not os.path.lexists(path)


def _is_appended(photo: Path, sidecar: Path) -> bool:
    return sidecar.name.casefold() == f"{photo.name}.xmp".casefold()


class _Beside:
    """The files that have the name of a photo's sidecar; each folder is read once."""

    def __init__(self) -> None:
        self._names = functools.cache(_sidecar_names)

    def __call__(self, photo: Path) -> Iterator[Path]:
        names = self._names(photo.parent)
        for wanted in (f"{photo.name}.xmp", f"{photo.stem}.xmp") if names else ():
            for name in names.get(wanted.casefold(), ()):
                yield photo.with_name(name)


def _sidecar_names(folder: Path) -> dict[str, list[str]]:
    """Return the names of files in a folder that end as sidecars do, by their folded form."""
    names: dict[str, list[str]] = defaultdict(list)
    try:
        with os.scandir(folder) as inside:
            for file in inside:
                if file.name.lower().endswith(".xmp") and file.is_file(follow_symlinks=False):
                    names[file.name.casefold()].append(file.name)
    except OSError:
        return {}
    return names


class FollowedLedger:
    """A ledger as it will be once its entries have followed, for those who may only read it."""

    def __init__(self, ledger: KnownSidecars, followed: Sequence[Followed]) -> None:
        self._ledger = ledger
        self._match_at = {match.entry.sidecar: match for match in followed}
        self._left = {match.source.sidecar for match in followed if match.fate != "stays"}

    def get(self, sidecar: bytes) -> Entry | None:
        """Return what is known of a sidecar; None for nothing."""
        if sidecar in self._match_at:
            return self._match_at[sidecar].entry
        return None if sidecar in self._left else self._ledger.get(sidecar)

    def previous(self, sidecar: bytes) -> bytes | None:
        """Return the bytes from before the last write; None where it made the sidecar."""
        followed = self._match_at.get(sidecar)
        return self._ledger.previous(followed.source.sidecar if followed else sidecar)

    def entries(self) -> Iterator[Entry]:
        """Yield every entry."""
        changed = self._left | self._match_at.keys()
        yield from (entry for entry in self._ledger.entries() if entry.sidecar not in changed)
        yield from (followed.entry for followed in self._match_at.values())

    def away(self) -> Iterator[Entry]:
        """Yield the entries that are away."""
        yield from (entry for entry in self._ledger.away() if entry.sidecar not in self._match_at)
        yield from (match.source for match in self._match_at.values() if match.fate == "away")

    def pending(self) -> Sequence[Intent]:
        """Return the intents that were neither finished nor dropped."""
        return self._ledger.pending()


def keep_followed(ledger: Ledger, followed: Sequence[Followed]) -> None:
    """Keep entries under their new places, in batches that are each true by themselves."""
    sources = {match.source.sidecar for match in followed}
    # a place that another entry leaves is taken in the same step as that one leaves it
    swapped = [match for match in followed if match.entry.sidecar in sources]
    chained = {match.entry.sidecar for match in swapped}
    first = [match for match in followed if match in swapped or match.source.sidecar in chained]
    if first:
        ledger.move(first)
    for batch in batched([match for match in followed if match not in first]):
        ledger.move(batch)
