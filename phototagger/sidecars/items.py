"""Photos and their approved labels → the sidecars to look at."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from phototagger.errors import RefusedSidecar
from phototagger.sidecars.ledger import Entry
from phototagger.sidecars.names import Target
from phototagger.sidecars.xmp.keywords import LEVELS, Field, Keywords, Owned, leaf_of, same

Lookup = Callable[[bytes], Entry | None]


@dataclass(frozen=True)
class PhotoState:
    """What is known of a photo beside its approved labels.

    ``content``: the SHA-1 of the content that its labels are of, as hex. ``edition``: the SHA-1 of
    its bytes as they are now, as hex; where nobody says it, a photo whose sidecar we made is read.
    ``former``: the same of the picture before, where the photo's file took the place of another.
    ``undecided``: labels of which nobody has said anything since the photo is as it is: where they
    are in its sidecar, and ours, they stay.
    """

    content: str | None = None
    undecided: tuple[str, ...] = ()
    edition: str | None = None
    former: str | None = None


@dataclass(frozen=True)
class Item:
    """One sidecar to look at: of which photo, which labels it should hold.

    ``other``: the photo's sidecar under the other name, which one of ours must not hide.
    """

    photo: Path
    sidecar: Path
    wanted: tuple[str, ...]
    other: Path | None = None
    note: str = ""
    refused: RefusedSidecar | None = None
    state: PhotoState = PhotoState()

    @property
    def photo_key(self) -> bytes:
        """The photo's name in the ledger."""
        return os.fsencode(self.photo.absolute())

    @property
    def key(self) -> bytes:
        """The sidecar's name in the ledger, unless it is a link."""
        return os.fsencode(self.sidecar.absolute())

    def labels_of(self, disk: Keywords, owned: Owned) -> tuple[str, ...]:
        """Return the labels that the sidecar is to hold, which has these lists now."""
        undecided = {same(label) for label in self.state.undecided}
        still = owned.still_on(disk)
        whole = (path.replace(Field.HIERARCHY.separator, LEVELS) for path in still.hierarchy)
        paths = {same(leaf_of(label)): label for label in whole}
        ours = (label for label in still.subject if same(label) in undecided)
        return (*self.wanted, *(paths.get(same(label), label) for label in ours))


def items_for(
    targets: Iterable[Target],
    approved: Mapping[Path, Sequence[str]],
    look: Lookup,
    states: Mapping[Path, PhotoState],
) -> list[Item]:
    """Return the sidecars to look at: the one chosen for each photo, and an older one of ours.

    Where the naming style was changed, the sidecar under the other name still holds our labels,
    and some programs read that one first, so it is kept true as well.
    """
    items = []
    for target in targets:
        wanted, state = tuple(approved[target.photo]), states.get(target.photo, PhotoState())
        chosen = Item(target.photo, target.sidecar, wanted, target.other, target.note)
        items.append(replace(chosen, refused=target.refused, state=state))
        if target.other is None:
            continue
        older = Item(target.photo, target.other, wanted, target.sidecar, state=state)
        entry = look(older.key)
        if entry and entry.photo == older.photo_key and (entry.made or entry.owned != Owned()):
            items.append(older)
    return items
