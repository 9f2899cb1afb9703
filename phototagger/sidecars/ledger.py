"""What is remembered of each sidecar, so that a kill at any moment leaves it true.

The order of every write, in batches of at most 32 files:

1. the new bytes lie in a temporary file beside the sidecar, fsynced;
2. ``Ledger.begin(intents)`` returns: what is about to be true is on disk;
3. ``os.replace`` of each, fsync of the folders;
4. ``Ledger.finish(sidecars)``: what was about to be true is true.

Killed between 2 and 4, the next write asks the disk (``outcome``): the digest of the sidecar says
whether the replace happened; where somebody edited it since, the temporary file does, which is
there until its replace and no longer.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from phototagger.errors import RefusedSidecar
from phototagger.files.own import is_temporary
from phototagger.sidecars.area import Area
from phototagger.sidecars.file import read_sidecar
from phototagger.sidecars.xmp.keywords import Owned

if TYPE_CHECKING:
    from phototagger.sidecars.follow import Followed

BATCH = 32
"""Sidecars written together: two transactions of the ledger serve them all."""

_Thing = TypeVar("_Thing")


def batched(things: Sequence[_Thing]) -> Iterator[Sequence[_Thing]]:
    """Yield the things in batches of ``BATCH``."""
    for start in range(0, len(things), BATCH):
        yield things[start : start + BATCH]


def digest_of(data: bytes | None) -> str | None:
    """Return the SHA-256 of a sidecar's bytes as hex; None where there is no sidecar."""
    return None if data is None else hashlib.sha256(data).hexdigest()


@dataclass(frozen=True)
class Origin:
    """What a sidecar that we made says beside our labels, by whose bytes it says it.

    ``photo``: the SHA-1 of the photo's bytes, as hex. ``other``: the digest of the sidecar under
    its other name; None where there was none that says anything of its own.
    """

    photo: str
    other: str | None = None


@dataclass(frozen=True)
class Undo:
    """How to take back the last write of a sidecar.

    ``write``: the id of the ``sidecars`` command that wrote; ids sort by time. ``before``: the
    digest of the bytes before it, None where it made the sidecar; the bytes themselves are
    ``Ledger.previous``. ``owned``: what was ours before it, ``content``: of which
    content; ``origin``: what the bytes were made of.
    """

    write: str
    before: str | None
    owned: Owned
    origin: Origin | None = None
    content: str | None = None


@dataclass(frozen=True)
class Entry:
    """What we know of one sidecar after our last write.

    ``sidecar`` and ``photo`` are absolute paths as bytes (``os.fsencode``). ``owned``: the
    keywords that are ours. ``digest``: of the bytes we left. ``subject``: ``dc:subject`` as we
    left it. ``undo``: None where the last write was taken back or there was none. ``made``:
    phototagger made the file, and nobody else has changed it up to then; None where an older
    phototagger did not note that. ``origin``: what such a file was made of, None where that is not
    known. ``seen``: the digest that it had beside its photo, where others changed it since we left
    it. A sidecar that we removed has an entry without digest, for as long as that can be undone.
    ``content``: the SHA-1 of the photo's content that the labels are of, as hex; None where it is
    not known. ``away``: it was followed to another place, while its folder was not there: where
    the sidecar comes back, as on a disk that is mounted again, the entry is of use again.
    """

    sidecar: bytes
    photo: bytes
    owned: Owned
    digest: str | None
    subject: tuple[str, ...] = ()
    undo: Undo | None = None
    made: bool | None = False
    content: str | None = None
    away: bool = False
    origin: Origin | None = None
    seen: str | None = None

    @property
    def path(self) -> Path:
        """The sidecar's path."""
        return Path(os.fsdecode(self.sidecar))

    @property
    def photo_of_it(self) -> str:
        """The photo's path."""
        return os.fsdecode(self.photo)

    def dumps(self) -> str:
        """Return this entry as one line of JSON."""
        data: dict[str, Any] = {
            "sidecar": _encoded(self.sidecar),
            "photo": _encoded(self.photo),
            "owned": vars(self.owned),
            "digest": self.digest,
            "subject": self.subject,
            "undo": self.undo and asdict(self.undo),
            "made": self.made,
            "content": self.content,
            "away": self.away,
            "origin": self.origin and asdict(self.origin),
            "seen": self.seen,
        }
        return json.dumps(data, separators=(",", ":"))

    @classmethod
    def loads(cls, text: str) -> Entry:
        """Return the entry that ``dumps`` wrote."""
        return cls._of(json.loads(text))

    @classmethod
    def _of(cls, data: dict[str, Any]) -> Entry:
        undo = data["undo"]
        return cls(
            _decoded(data["sidecar"]),
            _decoded(data["photo"]),
            _owned(data["owned"]),
            data["digest"],
            tuple(data["subject"]),
            undo
            and Undo(
                undo["write"],
                undo["before"],
                _owned(undo["owned"]),
                _origin(undo.get("origin")),
                undo.get("content"),
            ),
            made=data.get("made"),
            content=data.get("content"),
            away=data.get("away", False),
            origin=_origin(data.get("origin")),
            seen=data.get("seen"),
        )


@dataclass(frozen=True)
class Intent:
    """A write about to happen to one sidecar.

    ``temporary``: the name, in the sidecar's folder, of the file that will replace it; empty
    where the sidecar is to be removed or only the ledger changes. ``before``, ``after``: the
    digests of the sidecar's bytes, None for no sidecar. ``entry``: what the ledger holds once it
    happened, None for nothing. ``previous``: the bytes that ``--undo`` gives back, to be kept
    beside the entry; ``keep_previous``: those kept so far stay.
    """

    sidecar: bytes
    temporary: str
    before: str | None
    after: str | None
    entry: Entry | None
    previous: bytes | None = None
    keep_previous: bool = False

    def dumps(self) -> str:
        """Return this intent as one line of JSON, ``previous`` included."""
        data: dict[str, Any] = {
            "sidecar": _encoded(self.sidecar),
            "temporary": self.temporary,
            "before": self.before,
            "after": self.after,
            "entry": self.entry and self.entry.dumps(),
            "previous": None if self.previous is None else _encoded(self.previous),
            "keep_previous": self.keep_previous,
        }
        return json.dumps(data, separators=(",", ":"))

    @classmethod
    def loads(cls, text: str) -> Intent:
        """Return the intent that ``dumps`` wrote."""
        data = json.loads(text)
        data["sidecar"] = _decoded(data["sidecar"])
        data["entry"] = data["entry"] and Entry.loads(data["entry"])
        data["previous"] = (
            data["previous"] if data["previous"] is None else _decoded(data["previous"])
        )
        return cls(**data)


class KnownSidecars(Protocol):
    """What is known of sidecars, for those who only read it."""

    def get(self, sidecar: bytes) -> Entry | None:
        """Return what is known of a sidecar; None for nothing."""

    def previous(self, sidecar: bytes) -> bytes | None:
        """Return the bytes from before the last write; None where it made the sidecar."""

    def entries(self) -> Iterable[Entry]:
        """Return every entry, in any order; the ledger may change while they are read."""

    def away(self) -> Iterable[Entry]:
        """Return the entries that are away; ``get`` and ``entries`` know nothing of them."""

    def pending(self) -> Sequence[Intent]:
        """Return the intents that were neither finished nor dropped; after a kill, mostly."""


class Ledger(KnownSidecars, Protocol):
    """What a store keeps for the sidecar writer.

    Each method that changes something is one transaction, durable when it returns
    (``synchronous=FULL``), and takes at most 32 sidecars, ``move`` more where they have to go
    together. An entry and an intent of one sidecar live side by side: beginning does not touch the
    entry.
    """

    def begin(self, intents: Sequence[Intent]) -> None:
        """Keep these intents, each in place of an older one of its sidecar."""

    def finish(self, sidecars: Sequence[bytes]) -> None:
        """Make each intent true: its entry and previous bytes replace those kept; it goes.

        Where ``intent.entry`` is None the entry and the previous bytes go too; where
        ``intent.keep_previous`` the previous bytes stay as they are.
        """

    def drop(self, sidecars: Sequence[bytes]) -> None:
        """Forget each intent: it did not happen. The entry stays as it is."""

    def move(self, followed: Sequence[Followed]) -> None:
        """Keep each entry, with the previous bytes of its source, under its sidecar's new place.

        The entry of a source that left goes, or is away from now on; unless another entry takes
        its place in this step.
        """


def outcome(intent: Intent) -> Literal["happened", "did not", "unknown"]:
    """Say, from what is on disk, whether an intent happened; unknown where nothing can be read."""
    sidecar = Path(os.fsdecode(intent.sidecar))
    if not sidecar.parent.is_dir():
        return "unknown"
    try:
        now = digest_of(read_sidecar(sidecar).data)
    except RefusedSidecar:
        return "unknown"
    if now == intent.after:
        return "happened"
    if now == intent.before or _is_ours(_temporary(intent), intent.after):
        return "did not"
    # without a temporary file to tell, keywords are held to be somebody else's: nothing is lost
    return "happened"


def settle(ledger: Ledger, area: Area) -> frozenset[bytes]:
    """Settle what a kill left open in an area; return the sidecars of which nobody can say yet.

    On disk only the temporary file goes, and that only where its name and bytes are those that the
    intent says. What lies outside the area stays as it is.
    """
    intents = [intent for intent in ledger.pending() if area.holds(intent)]
    results = {intent.sidecar: (intent, outcome(intent)) for intent in intents}
    for result, settled in (("happened", ledger.finish), ("did not", ledger.drop)):
        sidecars = [sidecar for sidecar, (_, what) in results.items() if what == result]
        for batch in batched(sidecars):
            settled(batch)
    for intent, what in results.values():
        temporary = _temporary(intent)
        if temporary is not None and what != "unknown" and _is_ours(temporary, intent.after):
            temporary.unlink(missing_ok=True)
    return frozenset(sidecar for sidecar, (_, what) in results.items() if what == "unknown")


def left_open(ledger: KnownSidecars, area: Area) -> list[Path]:
    """Return the sidecars outside an area whose last write was cut off."""
    outside = [intent.sidecar for intent in ledger.pending() if not area.holds(intent)]
    return sorted(Path(os.fsdecode(sidecar)) for sidecar in outside)


def _temporary(intent: Intent) -> Path | None:
    """Return the file that was to replace the sidecar, None where there is none of such a name."""
    if not is_temporary(intent.temporary):
        return None
    return Path(os.fsdecode(intent.sidecar)).parent / intent.temporary


def _is_ours(temporary: Path | None, digest: str | None) -> bool:
    """Say whether a temporary file is there and holds the bytes that were to be put in place."""
    try:
        return (
            temporary is not None
            and stat.S_ISREG(temporary.lstat().st_mode)
            and digest_of(temporary.read_bytes()) == digest
        )
    except OSError:
        return False


def _owned(data: dict[str, Any]) -> Owned:
    return Owned(
        tuple(data["subject"]),
        tuple(data["hierarchy"]),
        tuple(data["tags"]),
        data["made_hierarchy"],
    )


def _origin(data: dict[str, Any] | None) -> Origin | None:
    return None if data is None else Origin(data["photo"], data["other"])


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decoded(text: str) -> bytes:
    return base64.b64decode(text)
