"""What a review shows of its photos; nothing is changed here."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from phototagger.core.checklist import Cell, Checklist, Draft, Line, Look, Mark, checklist
from phototagger.core.scan import Scan, relative
from phototagger.core.thumb_cache import thumbnail_file
from phototagger.errors import PhototaggerError
from phototagger.review.background.rescan import listing_by_now
from phototagger.review.marked import Marked
from phototagger.review.pace import Pace
from phototagger.review.photo_list import Listing, Touched, known_listing, marked_listing
from phototagger.review.proposals import proposed
from phototagger.review.stacks.shown import ShownStacks
from phototagger.review.suggester import Suggester
from phototagger.review.suggestions import LiveSuggestions
from phototagger.review.view import Filter, Order, SearchResults, arrange
from phototagger.store.labels.drafts import drafted, drafts
from phototagger.store.labels.edits import WHOLE_PHOTO, Who
from phototagger.store.labels.holding import Decision, decisions
from phototagger.store.labels.names import names
from phototagger.store.photos.arrivals import former_at
from phototagger.store.photos.contents import photo_of
from phototagger.store.photos.ledger import labels_in_sidecars
from phototagger.store.photos.medoids import known_medoids
from phototagger.store.vectors.keys import as_bytes

if TYPE_CHECKING:
    from phototagger.engine.library.library import Opened

_AT_ONCE = 1000  # photos looked up at once
_RANKED = 24  # labels of a photo that are ranked for its cell, which holds fewer


class PhotoFiles(NamedTuple):
    """A photo's own file, and where its thumbnail is, if it was made; ``unread``: it was not."""

    original: str
    thumbnail: str
    unread: bool


class PhotosShown:
    """The photos of a job as they are shown: a listing, a view of it, checks.

    A position counts in the listing, an index in the ``view``, which has one photo for a stack.
    ``results``: what a search found, which the view is of then. ``found`` is the last look at the
    root, ``why_unread`` says why a photo cannot be read, by its path, ``held_back`` which contents
    are held back from their stacks. ``tell`` is given how much of a long act is done, 0..1, and
    may raise to stop it. Use it from one thread.
    """

    def __init__(self, job: Opened, suggestions: LiveSuggestions) -> None:
        self.job = job
        self.settings = job.settings
        self.root = job.root
        self.suggestions = suggestions
        self.filter, self.order, self.order_label = Filter.ALL, Order.FOLDER, ""
        self.results: SearchResults | None = None
        self.paces = Pace()
        self.marked = Marked(self)
        self._faces: dict[str, str] | None = None
        self.found: Scan | None = None
        self.why_unread: Callable[[str], str] = lambda _: ""
        self.held_back: Callable[[], set[bytes]] = set
        self.tell: Callable[[float], None] = lambda _: None
        self.touched = Touched()
        self.listing = marked_listing(job)
        self.stacked = ShownStacks(self, self.listing)
        self.view = self.stacked.everything
        self.stacked.show(self._arranged(self.filter, Order.FOLDER, suggester=None))

    def renew(self) -> None:
        """Take up what the engine has made since: vectors of photos and labels, medoids."""
        self._faces = None
        self.suggestions.renew()

    def take_listing(self, listing: Listing) -> None:
        """Show the photos of a new listing."""
        before, results = self.listing, self.results
        self.take_contents(listing)
        if results is not None:
            positions = listing.positions_from(before, results.positions)
            self.results = results._replace(positions=positions)
        self.stacked.show(self._arranged(self.filter, Order.FOLDER, suggester=None))

    def take_contents(self, listing: Listing) -> None:
        """Go on with a listing of the same files, of which more is known; the view stays."""
        self.touched.bring_up(listing, self.job.catalogue)
        before, self.listing = self.listing, listing
        self.stacked.follow()
        self.marked.follow(before)

    def known_listing(self) -> Listing:
        """Return the photos that are known by now, and those found that are not; on any thread."""
        scan, listing, job = self.found, self.listing, self.job
        if scan is not None and listing.unread.any():
            return self.touched.marking(listing_by_now(job, scan), job.catalogue)
        # Nothing is left to become known here; who only reads cannot tell what another makes known.
        is_all = scan is not None and job.writer is not None
        return self.touched.marking(copy(listing) if is_all else known_listing(job), job.catalogue)

    def is_unread(self, position: int) -> bool:
        """Tell whether nobody has read a photo's file: nothing can be decided about it yet."""
        return bool(self.listing.unread[position])

    def arranged(self, wanted: Filter, order: Order, label: str = "") -> NDArray[np.int32]:
        """Return the view of a filter and an order; slow where the order goes by scores."""
        return self._arranged(wanted, order, label, suggester=self.suggestions.suggester)

    def _arranged(
        self, wanted: Filter, order: Order, label: str = "", *, suggester: Suggester | None
    ) -> NDArray[np.int32]:
        listing, contents, results = self.listing, self._contents_of(wanted), self.results
        return arrange(listing, suggester, wanted, order, label, contents=contents, results=results)

    def _contents_of(self, wanted: Filter) -> set[bytes]:
        """Return the photos of a filter that goes by more than marks."""
        listing, suggester = self.listing, self.suggestions.suggester
        contents_of: dict[Filter, Callable[[], set[bytes]]] = {
            Filter.MARKED: lambda: self.marked.contents,
            Filter.DRAFT: lambda: drafted(self.job.catalogue),
            Filter.HELD: self.held_back,
        }
        if wanted in contents_of:
            return contents_of[wanted]()
        if wanted is Filter.AUTO:
            recorded = list(decisions(self.job.catalogue))
            persons = {decision.sha1 for decision in recorded if is_of_person(decision)}
            return {decision.sha1 for decision in recorded if decision.who is Who.AUTO} - persons
        if wanted is Filter.BEHIND:
            behind = set[bytes]()
            for start in range(0, len(listing), _AT_ONCE):
                positions = range(start, min(start + _AT_ONCE, len(listing)))
                decided = decided_labels(
                    self.job, [listing.sha1(position) for position in positions]
                )
                behind |= {listing.sha1(position) for position in _behind(self, positions, decided)}
            return behind
        if wanted is Filter.WAITING:
            open_ones = listing.keys[listing.marks == Mark.UNDECIDED]
            waits = ~suggester.has(open_ones) if suggester is not None else slice(None)
            return set(as_bytes(open_ones[waits]))
        return set()

    def show(self, view: NDArray[np.int32], wanted: Filter, order: Order, label: str = "") -> None:
        """Show an arranged view, each stack in it as one cell."""
        self.filter, self.order, self.order_label = wanted, order, label
        self.stacked.show(view)

    def name(self, position: int) -> str:
        """Return a photo's file name."""
        return self.listing.paths[position].rpartition(os.sep)[2]

    def rel_path(self, position: int) -> str:
        """Return a photo's path relative to the root."""
        return relative(self.listing.paths[position], self.root)

    def also_at(self, position: int) -> list[str]:
        """Return the other paths (relative) that hold the same content."""
        same = self.listing.same_content(position)
        return [self.rel_path(other) for other in same if other != position]

    def before(self, position: int) -> list[Decision]:
        """Return what was decided of the picture before, where a photo has nothing of its own."""
        catalogue = self.job.catalogue
        former = former_at(catalogue, self.listing.paths[position])
        if (
            former is None
            or self.is_unread(position)
            or any(decisions(catalogue, [self.listing.sha1(position)]))
        ):
            return []
        return list(decisions(catalogue, [former]))

    def said_before(self, position: int) -> str:
        """Return the labels of the picture before, where they are offered; else nothing."""
        decided = self.before(position)
        labels = sorted(
            decision.label
            for decision in decided
            if decision.approved and decision.label != WHOLE_PHOTO
        )
        return (", ".join(map(self.job.model.tree.shown, labels)) or "no label") if decided else ""

    def files(self, position: int) -> PhotoFiles:
        """Return where a photo is, and its thumbnail."""
        unread = self.is_unread(position)
        sha1 = self.listing.sha1(position)
        thumbnail = "" if unread else thumbnail_file(self.settings.cache_dir, sha1)
        return PhotoFiles(self.listing.paths[position], thumbnail, unread)

    def face(self, folder: int) -> int | None:
        """Return the position of a folder's medoid, where it is known."""
        if self._faces is None:
            known = self.job.model.known_or_none
            medoids = known_medoids(self.job.catalogue, known.model) if known else {}
            self._faces = {medoid.folder: medoid.path for medoid in medoids.values()}
        name = self.listing.folders[folder]
        path = self._faces.get(self.root if name == "." else str(Path(self.root, name)))
        return self.listing.find(path) if path else None

    def cells(self, positions: Sequence[int]) -> list[Cell]:
        """Return what the grid says of some photos: how they stand, and what is checked."""
        sha1s = [self.listing.sha1(position) for position in positions]
        decided, draft_of = decided_labels(self.job, sha1s), drafts(self.job.catalogue, sha1s)
        best = self.suggestions.best(sha1s, _RANKED)
        behind = _behind(self, positions, decided)
        cells = [
            self._cell(position, decided.get(sha1), draft_of.get(sha1), best.get(sha1))
            for position, sha1 in zip(positions, sha1s, strict=True)
        ]
        return [
            cell._replace(look=Look.BEHIND)
            if position in behind and cell.look in {Look.APPROVED, Look.NONE}
            else cell
            for position, cell in zip(positions, cells, strict=True)
        ]

    def _cell(
        self,
        position: int,
        decided: DecidedLabels | None,
        draft: Draft | None,
        best: list[tuple[str, float, bool]] | None,
    ) -> Cell:
        rank = {label: place for place, (label, _, _) in enumerate(best or ())}

        def ordered(labels: Iterable[str]) -> tuple[str, ...]:
            in_order = sorted(labels, key=lambda label: (rank.get(label, len(rank)), label))
            return tuple(map(self.job.model.tree.shown, in_order))

        mark = self.listing.mark(position)
        if draft is not None:
            return Cell(Look.DRAFT, ordered(draft.checked), "nothing checked")
        if mark is Mark.FAILED:
            return Cell(Look.FAILED, (), self.nothing_known(position))
        if decided is not None and mark is not Mark.UNDECIDED:
            labels = ordered(label for label, yes in decided.labels.items() if yes)
            return Cell(Look(mark) if decided.by_person else Look.AUTO, labels, "no label")
        if best is None and self.why_unread(self.listing.paths[position]):
            return Cell(Look.FAILED, (), self.nothing_known(position))
        if best is None:
            return Cell(Look.WAITING, (), "no suggestion yet")
        alone = decided.labels if decided is not None else {}
        suggested = [label for label, _, yes in best if alone.get(label, yes)]
        approved = [label for label, yes in alone.items() if yes and label not in rank]
        return Cell(
            Look.UNDECIDED,
            (*map(self.job.model.tree.shown, suggested), *ordered(approved)),
            "nothing checked",
        )

    def checklist(self, position: int, before: Checklist | None = None) -> Checklist:
        """Return the checklist of a photo as it opens; ``before``: as it is on the screen.

        Rows that are on the screen stay as they are, unless nothing was suggested there yet.
        """
        sha1 = self.listing.sha1(position)
        decided = decided_labels(self.job, [sha1]).get(sha1, DecidedLabels({}, by_person=False))
        verdicts = decided.labels
        suggester = self.suggestions.suggester
        lines: list[Line] = []
        if suggester is not None and suggester.with_vectors([sha1]):
            lines = suggester.suggestions(sha1, verdicts)
        listed = {line.label for line in lines}
        labels = dict.fromkeys([*verdicts, *self.job.offered])
        lines += [
            Line(label, decided=verdicts.get(label), suggested=verdicts.get(label) is True)
            for label in labels
            if label not in listed
        ]
        listed |= labels.keys()
        lines += [
            Line(label, provider=provider)
            for label, provider in proposed(self.job, sha1).items()
            if label not in listed
        ]
        lines = [line._replace(by_auto=line.label in decided.by_auto) for line in lines]
        knew = before is not None and any(line.cosine is not None for line in before.lines)
        return checklist(
            lines,
            decided=self.listing.mark(position) in {Mark.APPROVED, Mark.NONE},
            draft=drafts(self.job.catalogue, [sha1]).get(sha1),
            threshold=self.suggestions.threshold,
            before=before if knew else None,
        )

    def nothing_known(self, position: int) -> str:
        """Say why nothing is known of a photo's labels."""
        if self.is_unread(position):
            why = self.why_unread(self.listing.paths[position])
            return f"this photo {why}" if why else "this photo has not been read yet"
        try:
            _, _, reason = photo_of(self.job.catalogue, self.listing.sha1(position))
        except KeyError:
            reason = None
        if reason is not None:
            return f"this photo {reason}"
        return "this photo has no vector yet, so nothing is known of its labels"

    def why(self, position: int, label: str) -> str:
        """Say in a sentence or two why a label is suggested for a photo, or is not."""
        sha1, suggester = self.listing.sha1(position), self.suggestions.suggester
        if suggester is None or not suggester.with_vectors([sha1]):
            return self.nothing_known(position)
        named = self.job.model.tree.shown(label)
        if label not in suggester.labels:
            return f"{named}: has no vector yet, so it is never suggested; r, vocabulary makes one"
        why = suggester.why(sha1, label)
        sentence = f"{named}: cosine {why.cosine:.2f} (threshold {self.suggestions.threshold:.2f})"
        if not len(suggester.heads):
            return sentence
        counts = f"{why.state.positives} approvals, {why.state.negatives} rejections"
        sentence += f", learned {why.score:.0%} from {counts}"
        near = next((decision for decision in why.decisions if decision.paths), None)
        if near:
            word = "approved" if near.approved else "rejected"
            sentence += f"; most of all {word} on {relative(near.paths[0], self.root)}"
        return sentence

    def undecided(self) -> int:
        """Return how many photos nobody has decided yet."""
        return int(np.count_nonzero(self.listing.marks == Mark.UNDECIDED))

    def pace(self) -> tuple[float, float | None]:
        """Return photos a minute, and the seconds that are left at that pace if it is known."""
        rate = self.paces.per_minute()
        return rate, 60 * self.undecided() / rate if rate else None

    def find_labels(self, words: str) -> list[str]:
        """Return the labels that hold some letters, those that begin with them first.

        Last come those of which another word holds them: a synonym, or an old name.
        """
        wanted = " ".join(words.lower().split())
        matching = [
            label
            for label in self.job.offered
            if any(wanted in word for word in (label, *self.job.model.tree.synonyms(label)))
        ]
        matching.sort(key=lambda label: not label.startswith(wanted))
        further = names(self.job.catalogue).others(wanted)
        return [
            *matching,
            *(label for label in further if label in self.job.offered and label not in matching),
        ]


class DecidedLabels(NamedTuple):
    """The decided labels of a photo, each with whether it is approved.

    ``by_person``: a person decided the photo as a whole; ``by_auto``: labels that no person did,
    ``certified``: those of them that enter a sidecar only where somebody says so.
    """

    labels: dict[str, bool]
    by_person: bool
    by_auto: frozenset[str] = frozenset()
    certified: frozenset[str] = frozenset()

    def differ_from(self, written: frozenset[str]) -> bool:
        """Tell whether a sidecar with these labels of ours would be written anew."""
        approved = {label for label, yes in self.labels.items() if yes}
        return approved - (self.certified - written) != written


def refuse_unread(photos: PhotosShown, positions: Iterable[int]) -> None:
    """Refuse to decide on photos by their paths: their contents are what decisions are kept for."""
    unread = next((position for position in positions if photos.is_unread(position)), None)
    if unread is not None:
        why = photos.nothing_known(unread)
        raise PhototaggerError(f"not done: {why}", "it is read next, try again in a moment")


def is_of_person(decision: Decision) -> bool:
    """Tell whether by a decision a person decided a photo as a whole."""
    return decision.label == WHOLE_PHOTO and decision.approved and decision.who is Who.PERSON


def decided_labels(job: Opened, sha1s: Sequence[bytes]) -> dict[bytes, DecidedLabels]:
    """Return what is decided of those of some photos of which anything is."""
    labels: dict[bytes, dict[str, bool]] = {}
    persons, auto, certified = set(), dict[bytes, set[str]](), dict[bytes, set[str]]()
    for decision in decisions(job.catalogue, sha1s):
        by_label = labels.setdefault(decision.sha1, {})
        if decision.label != WHOLE_PHOTO:
            by_label[decision.label] = decision.approved
            if decision.who is Who.AUTO:
                auto.setdefault(decision.sha1, set()).add(decision.label)
            if decision.certificate is not None:
                certified.setdefault(decision.sha1, set()).add(decision.label)
        elif is_of_person(decision):
            persons.add(decision.sha1)
    return {
        sha1: DecidedLabels(
            verdicts,
            sha1 in persons,
            frozenset(auto.get(sha1, ())),
            frozenset(certified.get(sha1, ())),
        )
        for sha1, verdicts in labels.items()
    }


def _behind(
    photos: PhotosShown, positions: Sequence[int], decided: Mapping[bytes, DecidedLabels]
) -> set[int]:
    """Return those of some photos whose sidecars of ours do not hold what is approved."""
    root, listing = os.path.realpath(photos.root), photos.listing
    paths = {os.path.join(root, photos.rel_path(position)): position for position in positions}  # noqa: PTH118
    written = labels_in_sidecars(photos.job.catalogue, list(paths))
    nothing = DecidedLabels({}, by_person=False)
    return {
        paths[path]
        for path, labels in written.items()
        if decided.get(listing.sha1(paths[path]), nothing).differ_from(labels)
    }


def labels_held(job: Opened, sha1s: Sequence[bytes]) -> dict[bytes, dict[str, bool]]:
    """Return the decided labels of photos, each with whether it is approved."""
    return {sha1: decided.labels for sha1, decided in decided_labels(job, sha1s).items()}
