"""The decisions of the picture before, offered where a picture changed or a copy was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phototagger.core.path_column import PathIndex
from phototagger.engine.decisions.decided import by_content
from phototagger.printable import counted
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.labels.holding import Decision, decisions
from phototagger.store.photos.arrivals import formers

if TYPE_CHECKING:
    from phototagger.engine.library.photos import Photos

CURE = "`O` in the review takes them over, or `phototagger approve --picture-before`"


def offers(catalogue: Catalogue, photos: Photos) -> dict[int, list[Decision]]:
    """Return the decisions of the picture before, by position of the photos they are offered for.

    Only a photo of which nothing is decided is there, and whose content is known or was read.
    """
    former = dict(photos.formers)
    if by_path := formers(catalogue, photos.root):
        places = PathIndex(photos.paths).find(list(by_path)).tolist()
        former |= {
            place: sha1 for place, sha1 in zip(places, by_path.values(), strict=True) if place >= 0
        }
    if not former:
        return {}
    content_of = {
        position: sha1 for position in former if (sha1 := photos.content(position)) is not None
    }
    decided = {decision.sha1 for decision in decisions(catalogue, content_of.values())}
    before = by_content(decisions(catalogue, former.values()))
    return {
        position: before[sha1]
        for position, sha1 in former.items()
        if position in content_of and content_of[position] not in decided and sha1 in before
    }


def said_of_carried(count: int) -> str:
    """Say that decisions hold although files changed."""
    photos = counted(count, "photo")
    return f"the metadata of {photos} changed since, not the picture: what was decided holds"


def said_of_offers(count: int) -> str:
    """Say that decisions are offered, and what takes them."""
    photos = counted(count, "photo")
    return (
        f"{photos}: the picture changed since it was decided, or is a copy of a decided one; the "
        f"decisions before are kept, and so is every sidecar: {CURE}"
    )
