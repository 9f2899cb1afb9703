"""Thumbnails that no photo uses any more."""

from phototagger.core.thumb_cache import prune_thumbnails
from phototagger.engine.run_dir import has_catalogue, opened_catalogue
from phototagger.printable import printable
from phototagger.store.photos.contents import contents_in_place

_NAMED = 3


def prune(cache_dir: str, run_dir: str, *, pretend: bool = False) -> str:
    """Remove the thumbnails of photos that are nowhere any more; return the line that says so.

    Only of photos that the run_dir's catalogue knows: others may be another catalogue's.
    """
    used: set[bytes] = set()
    gone: set[bytes] = set()
    if has_catalogue(run_dir):
        with opened_catalogue(run_dir) as catalogue:
            used, gone = contents_in_place(catalogue)
    pruned = prune_thumbnails(cache_dir, used, gone, pretend=pretend)
    done = "to remove" if pretend else "removed"
    line = f"prune: {pruned.count:,} thumbnails {done}, {pruned.size / 1e6:.1f} MB"
    if not pruned.left:
        return line
    names = ", ".join(map(printable, pruned.left[:_NAMED]))
    more = f" and {len(pruned.left) - _NAMED:,} more" if len(pruned.left) > _NAMED else ""
    return (
        f"{line}; left as they are, being no thumbnails of photos that this run_dir knows: "
        f"{names}{more}"
    )
