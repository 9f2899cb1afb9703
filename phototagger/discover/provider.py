"""What a provider of labels is, what it is given, and what it gives back.

A provider is made once, with a view of the library, and asked for batches of photos:

    class Sunny:
        "What the sun does."
        version = "1"
        needs = (Need.PIXELS,)

        def __init__(self, library): ...

        def propose(self, photos):
            for photo in photos:
                yield Proposal(photo, "sunny", 0.8)

Another package brings one by naming it as an entry point of the group ``phototagger.discover``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

from phototagger.errors import UsageError

if TYPE_CHECKING:
    from phototagger.model.vectors import Float32

REQUESTS = 1000
"""How many requests a provider may send in one run, where nobody says another number."""


class Need(StrEnum):
    """What a provider has to be given: it gets nothing else."""

    VECTORS = "vectors"
    PIXELS = "pixels"
    NETWORK = "network"


class Region(NamedTuple):
    """Where something is in a photo: left, top, width and height as parts of the upright photo."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class AskedPhoto:
    """A photo that a provider is asked about; nothing in it says where the photo lies.

    ``vector`` float32 [D] of length 1 is there for who needs vectors, ``thumbnail``, a JPEG of at
    most 512 px without metadata, for who needs pixels. ``labels`` are suggested already.
    """

    sha1: bytes
    labels: tuple[str, ...] = ()
    vector: Float32 | None = None
    thumbnail: bytes | None = None


class Proposal(NamedTuple):
    """A label that a provider proposes for a photo, its score in 0..1, and where it is seen."""

    photo: AskedPhoto
    label: str
    score: float
    box: Region | None = None


@dataclass(frozen=True)
class Consent:
    """What a person allowed: thumbnails of one root to one host, so many requests, so much money.

    It is typed for each command, and kept nowhere.
    """

    host: str = ""
    requests: int = REQUESTS
    money: float | None = None

    def check(self, host: str) -> None:
        """Raise UsageError unless a person said that thumbnails may be sent to a host."""
        if host and self.host == host:
            return
        raise UsageError(
            f"photos would leave this machine (512 px thumbnails without metadata, to "
            f"{host or 'a host that is not named'}), and nobody allowed that",
            f"allow it for this command with --send-to {host or 'HOST'}",
        )


@dataclass(frozen=True)
class LibraryView:
    """What a provider may know of a library and use.

    ``labels`` are those of the vocabulary; ``words_of`` gives the words of one: of a path its last
    level and its synonyms. ``words`` gives the vectors float32 [M, D] of words, by
    the library's model ``model``, computed once; ``centre`` the mean float32 [D] of the vectors of
    its photos, each of length 1. ``say`` tells a person something, and
    ``check_cancelled`` raises where he asked to stop: long waits call it.
    """

    labels: Sequence[str]
    model: str
    words: Callable[[Sequence[str]], Float32]
    centre: Callable[[], Float32]
    say: Callable[[str], None]
    check_cancelled: Callable[[], None]
    consent: Consent
    environ: Mapping[str, str]
    words_of: Callable[[str], Sequence[str]] = lambda label: (label,)


class Provider(Protocol):
    """Proposes labels for photos.

    ``version`` changes with its answers: what another version said is asked again. A provider that
    needs the network has a ``host``, too, and is asked only where a person allowed that host; one
    that has a number ``batch`` gets at most so many photos at once (64). What a batch gave is kept
    when the batch is done, and not asked again.
    """

    version: str
    needs: Collection[str]

    def propose(self, photos: Sequence[AskedPhoto]) -> Iterable[Proposal]:
        """Yield proposals for some photos, in any order.

        Raises PhototaggerError where nothing more can be asked in this run; any other error is one
        of these photos, and the next ones are asked.
        """
