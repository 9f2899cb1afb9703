"""The pages of one label: its open photos, the likeliest first, each said to have it or not.

A page that is accepted decides this label of its photos and nothing else. What was not on a page
stays unknown. Where the next page is expected to hold less than one photo of the label, pages stop.
"""

import random
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phototagger.errors import UsageError
from phototagger.printable import counted
from phototagger.review.by_label.expectation import Expectation, SeenPage
from phototagger.review.by_label.label_names import shown_label
from phototagger.review.by_label.ranking import Ranking
from phototagger.review.session import Act, Review
from phototagger.review.suggester import Suggester
from phototagger.store.labels.by_label import decided_of
from phototagger.store.photos.editions import editions
from phototagger.store.vectors.keys import as_bytes

MOST = 24
"""Photos of a page, at most: pages of 12 and of 48 cost more keys."""

WORTH = 1.0
"""How many photos of the label the next page has to be expected to hold, for pages to go on."""

_LINE = 0.5  # score from which on a photo is YES as its page opens
_UNKNOWN_PAGES, _UNKNOWN_RATE, _UNKNOWN_MOST = 2, 0.1, 10
_SURE = 0.1  # chance that a random page finds none of so many as are then named


@dataclass(frozen=True)
class Page:
    """Photos of a page, by ``rows`` of the ranking and ``positions`` in the listing.

    ``yes`` are the places on it that are YES; ``expected`` is how many are expected to be.
    ``accepted`` says of each place that was decided how; None as long as nothing was.
    """

    rows: tuple[int, ...]
    positions: tuple[int, ...]
    scores: tuple[float, ...]
    yes: frozenset[int]
    expected: float
    is_random: bool = False
    accepted: dict[int, bool] | None = None

    @property
    def decided(self) -> dict[int, bool]:
        """How the rows of the ranking that were on it were decided there."""
        return {self.rows[place]: yes for place, yes in (self.accepted or {}).items()}

    @property
    def seen(self) -> SeenPage:
        """What their scores said of those that were decided, and what was found."""
        decided = self.accepted or {}
        scores = sum(self.scores[place] for place in decided)
        return SeenPage(scores, sum(decided.values()), len(decided))


class PageCounts(NamedTuple):
    """What the header of pages says.

    ``yes`` and ``no`` photos are decided, ``unseen`` are not: about ``left`` of these have the
    label. ``number`` counts pages, of which this one is ``expected`` to hold so many.
    """

    yes: int
    no: int
    number: int
    expected: float
    left: float
    unseen: int


class _PageAct(NamedTuple):
    """An act on the page at a place of the history, and that page before and after it."""

    at: int
    before: Page
    after: Page


class LabelPages:
    """The pages of a label over photos of the listing, given by their positions.

    ``size``: how many photos a page has from now on. ``read`` has to be exhausted before the
    first page is asked for. Raises UsageError where nothing can be ranked by this label. Where the
    review suggests by another suggester than they are ``ranked_by``, pages are to be made anew.
    """

    def __init__(
        self,
        review: Review,
        label: str,
        positions: Iterable[int],
        *,
        size: int = MOST,
        chance: random.Random | None = None,
    ) -> None:
        self._review = review
        self.label = label
        self.size = size
        self._chance = chance or random.Random()  # noqa: S311  (nothing secret)
        self.ranked_by = suggester = _suggester_of(review, label)
        self._positions, self.without_vector = _different(review, suggester, positions)
        keys = review.photos.listing.keys[self._positions]
        self._ranking = Ranking(suggester, label, keys)
        decided = decided_of(review.job.catalogue, label)
        self._decided: dict[int, bool] = {
            row: decided[sha1] for row, sha1 in enumerate(as_bytes(keys)) if sha1 in decided
        }
        self._ranking.open[list(self._decided)] = False
        self._flipped: dict[int, bool] = {}  # rows that the person said YES or no of, not accepted
        self._aside: set[int] = set()
        self._pages: list[Page] = []
        self._acts: list[_PageAct] = []
        self._taken_back: list[_PageAct] = []
        self._at = 0
        self._goes_on = False

    def read(self) -> Iterator[None]:
        """Score all photos anew, some at each step; the page that is shown stays as it is."""
        yield from self._ranking.read()

    @property
    def must_read(self) -> bool:
        """Whether ``read`` is due after a decision, because there are so many photos."""
        return not self._ranking.is_small

    # What is shown.

    @property
    def page(self) -> Page | None:
        """The page that is shown; None where pages stopped."""
        return self._pages[self._at] if self._at < len(self._pages) else None

    @property
    def counts(self) -> PageCounts:
        """What the header says."""
        page, ranking, expectation = self.page, self._ranking, self._expectation
        on_page = sum(page.scores) if page is not None and page.accepted is None else 0.0
        left = expectation.here(on_page) + expectation.beyond(max(0.0, ranking.expected - on_page))
        yes, unseen = sum(self._decided.values()), int(ranking.open.sum())
        return PageCounts(
            yes=yes,
            no=len(self._decided) - yes,
            number=self._at + 1,
            expected=page.expected if page is not None else self._next().expected,
            left=min(left, unseen),
            unseen=unseen,
        )

    @property
    def is_unknown(self) -> bool:
        """Whether the model seems not to know the word: its first pages hold hardly any."""
        seen = [page.seen for page in self._pages if page.accepted and not page.is_random]
        few = all(seen_page.found < _UNKNOWN_RATE * seen_page.photos for seen_page in seen)
        yes = sum(self._decided.values())
        return len(seen) >= _UNKNOWN_PAGES and few and yes < _UNKNOWN_MOST

    @property
    def is_done(self) -> bool:
        """Whether no photo is left that could be on a page."""
        return not self._ranking.best(1, self._aside)

    @property
    def last_accepted(self) -> Page | None:
        """The page that was accepted last, as it was then; None where none was."""
        return self._acts[-1].after if self._acts else None

    # What the person does.

    def begin(self) -> None:
        """Make the first page, once all is read; none where it would not be worth it."""
        self._forward()

    def fit(self, size: int) -> None:
        """Let pages have so many photos; one that is shown loses those that do not fit."""
        self.size = max(1, min(size, MOST))
        self._show(self._at)

    def flip(self, places: Iterable[int]) -> None:
        """Make what is YES no, and what is no YES, at places of the page."""
        page = self.page
        if page is not None:
            yes = page.yes ^ frozenset(places)
            self._flipped |= {page.rows[place]: place in yes for place in page.yes ^ yes}
            self._pages[self._at] = replace(page, yes=yes)

    def all_are(self, *, yes: bool) -> None:
        """Make every photo of the page YES, or no."""
        page = self.page
        if page is not None:
            self.flip(place for place in range(len(page.rows)) if (place in page.yes) is not yes)

    def accept(self, drawn: Collection[int]) -> Act | None:
        """Decide the label at the places whose picture was drawn, and go to the next page.

        Those without a picture are put aside, open. Of a page that was accepted before, what was
        flipped since is decided; what another page decided stays. Returns None where there is
        nothing to decide.
        """
        page = self.page
        if page is None:
            return None
        before, is_open = page.accepted or {}, self._ranking.open
        yes_at = {place: place in page.yes for place in drawn if place < len(page.rows)}
        changed = {
            place: yes
            for place, yes in yes_at.items()
            if before.get(place) is not yes and (place in before or is_open[page.rows[place]])
        }
        act = None
        if changed:
            keys = self._ranking.keys
            verdicts = {bytes(keys[page.rows[place]]): yes for place, yes in changed.items()}
            act = self._review.decide_label(self.label, verdicts)
            step = _PageAct(self._at, page, replace(page, accepted=before | changed))
            self._acts.append(step)
            self._taken_back.clear()
            self._take(step.at, step.after)
        self._aside |= {row for place, row in enumerate(page.rows) if place not in yes_at}
        self._forward()
        return act

    def skip(self) -> None:
        """Leave the page undecided and go on, also where pages stopped."""
        page = self.page
        if page is None:
            self._goes_on = True
        elif page.accepted is None:
            self._aside |= set(page.rows)
        self._forward()

    def look_back(self) -> bool:
        """Show the page before this one; tell whether there is one."""
        pages, is_open = self._pages, self._ranking.open
        before = [at for at in range(self._at) if _is_left(pages[at], is_open)]
        self._show(before[-1] if before else self._at)
        return bool(before)

    def take_back(self) -> Act | None:
        """Take the last accepted page back, and show it as it was; None where there is none."""
        if not self._acts:
            return None
        act = self._review.undo()
        step = self._acts.pop()
        self._taken_back.append(step)
        self._take(step.at, step.before)
        if step.before.accepted is None:
            _drop_open(self._pages, step.at + 1)
        self._show(step.at)
        return act

    def do_again(self) -> Act | None:
        """Accept again what was taken back; None where nothing was."""
        if not self._taken_back:
            return None
        act = self._review.redo()
        step = self._taken_back.pop()
        at = _place_of(self._pages, step)
        self._acts.append(step._replace(at=at))
        self._take(at, step.after)
        self._at = at
        self._forward()
        return act

    def draw_at_random(self) -> bool:
        """Show a page of photos drawn at random among all that are open; tell whether any is."""
        rows = self._ranking.unseen().tolist()
        if not rows:
            return False
        chosen = self._chance.sample(rows, min(self.size, len(rows)))
        _drop_open(self._pages, self._at)
        self._at = len(self._pages)
        self._pages.append(replace(self._page(chosen), is_random=True))
        return True

    def said_of(self, page: Page) -> str:
        """Say what a page of photos drawn at random found, once it is accepted."""
        seen, unseen = page.seen, self.counts.unseen
        label = shown_label(self._review, self.label)
        if not seen.found:
            most = unseen * (1 - _SURE ** (1 / max(1, seen.photos)))
            bound = f"with {1 - _SURE:.0%} certainty fewer than {most + 1:,.0f} of {unseen:,} left"
            return f"random page: none of {seen.photos} is {label}; {bound}"
        about = unseen * seen.found / seen.photos
        sentence = f"random page: {seen.found} of {seen.photos} are {label}"
        return f"{sentence}, so about {about:,.0f} of {unseen:,} left"

    # How it is done.

    @property
    def _expectation(self) -> Expectation:
        pages = [page for page in self._pages if page.accepted and not page.is_random]
        return Expectation(tuple(page.seen for page in pages))

    def _take(self, at: int, page: Page) -> None:
        """Take up what holds for the photos of a page now, and score the others again."""
        before = self._pages[at : at + 1]
        self._pages[at : at + 1] = [page]
        decided = page.decided
        for row in (row for one in before for row in one.decided if row not in decided):
            self._decided.pop(row, None)
            self._ranking.open[row] = True
        self._decided |= decided
        self._ranking.open[list(decided)] = False
        self._ranking.follow()

    def _show(self, at: int) -> None:
        """Show a page; those of its photos that do not fit, and are not decided, come again.

        What another page decided since is not on it any more; of an accepted one it is shown so.
        """
        self._at = at
        page = self.page
        if page is None:
            return
        if page.accepted is not None:
            yes_at = dict.fromkeys(page.yes, True)
            for place, row in enumerate(page.rows):
                if place not in page.accepted and row in self._decided:
                    yes_at[place] = self._decided[row]
            yes = frozenset(place for place, is_yes in yes_at.items() if is_yes)
            self._pages[self._at] = replace(page, yes=yes)
            return
        is_open = self._ranking.open
        left = [place for place, row in enumerate(page.rows) if is_open[row]]
        kept = left[: self.size]
        if len(kept) == len(page.rows):
            return
        self._aside.difference_update(page.rows[place] for place in left[self.size :])
        scores = tuple(page.scores[place] for place in kept)
        self._pages[self._at] = replace(
            page,
            rows=tuple(page.rows[place] for place in kept),
            positions=tuple(page.positions[place] for place in kept),
            scores=scores,
            yes=frozenset(now for now, place in enumerate(kept) if place in page.yes),
            expected=page.expected * sum(scores) / (sum(page.scores) or 1.0),
        )

    def _forward(self) -> None:
        """Show the page after this one: one that was made already, or the next, if it is worth it.

        At its beginning nothing is shown yet, and the first page is made.
        """
        pages, is_open = self._pages, self._ranking.open
        after = (at for at in range(self._at + 1, len(pages)) if _is_left(pages[at], is_open))
        self._show(next(after, len(pages)))
        if self._at == len(self._pages):
            page = self._next()
            if page.rows and (self._goes_on or page.expected >= WORTH):
                self._pages.append(page)

    def _next(self) -> Page:
        return self._page(self._ranking.best(self.size, self._aside))

    def _page(self, rows: list[int]) -> Page:
        scores = self._ranking.scores[rows].tolist()
        yes = [self._flipped.get(row, scores[at] >= _LINE) for at, row in enumerate(rows)]
        return Page(
            rows=tuple(rows),
            positions=tuple(self._positions[row] for row in rows),
            scores=tuple(scores),
            yes=frozenset(place for place, is_yes in enumerate(yes) if is_yes),
            expected=min(self._expectation.here(sum(scores)), len(rows)),
        )


def _drop_open(pages: list[Page], at: int) -> None:
    """Forget the last pages from a place on: those that are accepted keep their places."""
    while len(pages) > at and pages[-1].accepted is None:
        pages.pop()


def _place_of(pages: Sequence[Page], act: _PageAct) -> int:
    """Return where the page of an act stands now, or where it is to stand again."""
    if act.before.accepted is None:
        return min(act.at, len(pages))
    return next(at for at, page in enumerate(pages) if page.rows == act.before.rows)


def _is_left(page: Page, is_open: NDArray[np.bool_]) -> bool:
    """Tell whether there is something to see on a page: others may have decided all of it."""
    return page.accepted is not None or bool(is_open[list(page.rows)].any())


def _suggester_of(review: Review, label: str) -> Suggester:
    """Return what ranks photos by a label. Raises UsageError where nothing can."""
    suggester = review.suggestions.suggester
    if suggester is None:
        raise UsageError("nothing is known of the photos yet", "r, embed looks at them")
    if label not in suggester.labels:
        named = shown_label(review, label)
        raise UsageError(f"{named}: has no vector yet", "r, vocabulary makes one")
    return suggester


def _different(
    review: Review, suggester: Suggester, positions: Iterable[int]
) -> tuple[list[int], int]:
    """Return the first position of each photo that has a vector, and how many have none."""
    listing = review.photos.listing
    same = editions(review.job.catalogue)
    first = {sha1: first_edition for first_edition, contents in same.items() for sha1 in contents}
    position_of: dict[bytes, int] = {}
    for position in positions:
        sha1 = listing.sha1(position)
        position_of.setdefault(first.get(sha1, sha1), position)
    at = list(position_of.values())
    has_vector = suggester.has(listing.keys[at]).tolist()
    chosen = [position for position, is_known in zip(at, has_vector, strict=True) if is_known]
    return chosen, len(at) - len(chosen)


def said(counts: PageCounts, label: str, *, is_stopped: bool, width: int = 1000) -> str:
    """Say what is decided of a label, what this page is expected to hold, and what is left.

    In fewer words where it would be wider than ``width``.
    """
    on_page, left = about(counts.expected), about(counts.left)
    decided = f"{label}: {counts.yes:,} yes, {counts.no:,} no"
    long = [f"page {counts.number:,}", f"about {on_page} expected here"]
    long = [decided, *long * (not is_stopped)]
    long.append(f"about {left} left unseen in {counted(counts.unseen, 'photo')}")
    short = [decided, *[f"page {counts.number:,}", f"about {on_page} here"] * (not is_stopped)]
    short.append(f"about {left} left in {counts.unseen:,}")
    whole = " · ".join(long)
    return whole if len(whole) <= width else " · ".join(short)


def about(value: float) -> str:
    """Return an estimate with no more digits than it deserves."""
    return f"{value:.1f}" if value < 10 else f"{value:,.0f}"  # noqa: PLR2004
