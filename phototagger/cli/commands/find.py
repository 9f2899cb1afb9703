"""``phototagger find``: photos by words, names, labels, dates, cameras and likeness, as paths."""

import argparse
import math
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from phototagger.cli.drive import reading
from phototagger.cli.output.json_lines import print_json
from phototagger.cli.output.progress import Listener
from phototagger.cli.output.streams import write_path
from phototagger.cli.settings_args import settings_of
from phototagger.core.export import path_fields
from phototagger.core.scan import check_root
from phototagger.engine.library.library import Library
from phototagger.engine.library.vocabulary import (
    known_words,
    labels_of_file,
    root_used_last,
)
from phototagger.engine.run_dir import has_catalogue
from phototagger.errors import EmptyAnswer, ExitCode, MissingError, UsageError
from phototagger.model.vectors import Float32
from phototagger.printable import printable
from phototagger.review.photo_list import Listing, known_listing
from phototagger.review.search.query import Query, parse_query
from phototagger.review.search.searching import NEAREST, Matches, PhotoSearch, text_vector
from phototagger.settings.model import Settings


def find(args: argparse.Namespace, _words: Sequence[str]) -> ExitCode:
    """Print the photos that are found, the best first; exit 1 where none is."""
    written = _take_root(args)
    with reading(args) as listener:
        top = _top(args.top)
        settings = _with_root(settings_of(args))
        labels = labels_of_file(settings)
        with Library(settings, labels) as library:
            listing = known_listing(library)
            query = parse_query(written, known_words(library.catalogue, labels))
            search = PhotoSearch(library, listing)
            if args.like:
                matches = search.like(_positions(args.like, library, listing), query)
            elif query:
                matches = search.find(query, _text(library, query, listener))
            else:
                raise UsageError("find: nothing to look for", "write words, or --like PHOTO")
            most = NEAREST if top is None and (args.like or query.words) else top
            count = 0
            for at, position in enumerate(matches.positions[:most].tolist()):
                path = listing.paths[position]
                if os.path.lexists(path):
                    count += 1
                    _tell(args, search, matches, at)
        if not count:
            cause = f"find: nothing was found under {printable(library.root)}"
            raise EmptyAnswer(cause, "ask for less, or in other words")
        listener.say(f"find: {count:,} of {len(listing):,} photos under {printable(library.root)}")
    return ExitCode.DONE


def _take_root(args: argparse.Namespace) -> str:
    """Return what is looked for; a folder that is written before it is the root."""
    words = [word for word in (args.root_word, *args.words) if word is not None]
    args.root_word = None
    if words and (words[1:] or args.like) and Path(words[0]).is_dir():
        args.root_word = words.pop(0)
    return " ".join(words)


def _top(top: str | None) -> int | None:
    if top is None:
        return None
    if not top.isascii() or not top.isdigit() or not int(top):
        raise UsageError(f"--top {printable(top)}: must be a number from 1 on", "write one")
    return int(top)


def _with_root(settings: Settings) -> Settings:
    """Return settings with a root: the one that was decided last where none is named."""
    if not has_catalogue(settings.run_dir):
        raise UsageError(
            f"{printable(settings.run_dir)}: holds nothing yet that could be found",
            "`phototagger run ROOT` first, or name another with --run-dir",
        )
    if settings.root:
        return replace(settings, root=check_root(settings.root))
    root = root_used_last(settings.run_dir)
    if root is None:
        raise UsageError("root: no folder of photos is chosen", "name one with --root")
    return replace(settings, root=root)


def _positions(liked: Sequence[str], library: Library, listing: Listing) -> list[int]:
    """Return the positions of the photos that others are to be like.

    Raises UsageError where one is no photo of the library, or has no vector.
    """
    positions = []
    for path in liked:
        at = listing.find(os.path.abspath(path))
        images = library.images
        if at is None:
            cause = f"--like {printable(path)}: is no photo of {printable(library.root)}"
            raise UsageError(cause, "name one that was tagged")
        if images is None or not images.has_one(listing.sha1(at)):
            raise UsageError(
                f"--like {printable(path)}: has no vector",
                "`phototagger embed ROOT`, with the same settings, makes it",
            )
        positions.append(at)
    return positions


def _text(library: Library, query: Query, listener: Listener) -> Float32 | None:
    """Return the vector of the words; None, with a line that says why, where there is no model."""
    if not query.words:
        return None
    only = "only names, labels, dates and cameras were searched"
    if library.images is None:
        name = library.settings.model_name
        cause = f"{name} was never used with this run_dir"
        listener.say(f"find: {only}: {cause}; --model-name names the one that was")
        return None
    try:
        return text_vector(library, query.words)
    except MissingError as error:
        listener.say(f"find: {only}: {error}")
        return None


def _tell(args: argparse.Namespace, search: PhotoSearch, matches: Matches, at: int) -> None:
    position = int(matches.positions[at])
    path = search.listing.paths[position]
    if not args.json:
        write_path(path, end="\0" if args.nul else "\n")
        return
    cosine = None if matches.cosines is None else float(matches.cosines[at])
    if cosine is not None and math.isnan(cosine):
        cosine = None
    by = "like" if args.like else "name or label" if at < matches.said else "words"
    by = by if cosine is not None or at < matches.said else "fits"
    taken = search.taken(position)
    fields = {"cosine": cosine, "by": by, "taken": taken.written, "camera": taken.camera or None}
    print_json({"event": "found", **path_fields("path", path), **fields})
