"""What a key would do to many photos: said first, and then done exactly as it was said."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import TypeVar

import numpy as np

from phototagger.core.checklist import Checklist, Draft, Mark, Verdicts
from phototagger.engine.decisions.decided import Bools
from phototagger.engine.photo_reader.stream import ordered_map
from phototagger.model.vectors import Float32
from phototagger.printable import counted
from phototagger.review.history import Drafts
from phototagger.review.photos_shown import PhotosShown, is_of_person, labels_held
from phototagger.review.suggester import Suggester
from phototagger.review.suggestions import LiveSuggestions
from phototagger.store.labels.drafts import drafted, drafts
from phototagger.store.labels.edits import WHOLE_PHOTO, Edit, Edits, Verdict, Who
from phototagger.store.labels.holding import decisions, spoken_of
from phototagger.store.labels.names import GONE, names
from phototagger.store.labels.stacks import Grouping
from phototagger.store.photos.editions import firsts
from phototagger.store.vectors.keys import as_bytes, as_keys

COMMONEST = 5
"""How many labels a question names."""

UNREAD = "not read yet"
"""What is said of photos that nobody has read the files of."""

Thing = TypeVar("Thing")

_AT_ONCE = 1000  # photos looked up at once
_THREADS, _AHEAD = 2, 4  # that score parts, and how many parts before they are written down
_DECIDED = (Mark.APPROVED, Mark.NONE)


@dataclass(frozen=True)
class Plan:
    """One act on photos: ``edits`` by ``who``, or ``checks`` to keep, or both.

    ``labels``: how many photos get, or lose, each; of checks that change, ``unchecked`` are those
    that photos lose. ``notes``: what is left as it is, and why. ``scope``: what it was asked for,
    such as "this folder: 12 photos". ``ask`` begins the question, or is all of it where it ends
    with a question mark; ``done`` is said afterwards, ``undone`` when it is taken back.
    ``source``: what it decides at once, see ``Decision``; ``grouping``: how photos stand from then
    on.
    """

    ask: str
    done: str
    sha1s: list[bytes]
    labels: Counter[str]
    edits: Collection[Edit] = field(default_factory=list)
    checks: Drafts = field(default_factory=dict)
    who: Who = Who.PERSON
    notes: tuple[str, ...] = ()
    unchecked: Counter[str] = field(default_factory=Counter)
    scope: str = ""
    undone: str = ""
    source: str | None = None
    grouping: Grouping | None = None

    @property
    def question(self) -> str:
        """The question: how many photos, how many labels."""
        if self.ask.endswith("?"):
            return self.ask
        labels = counted(self.labels.total(), "label")
        return f"{self.ask}: {counted(len(self.sha1s), 'photo')}, {labels}?"

    def detail(self, shown: Callable[[str], str]) -> str:
        """Return the commonest labels as they are ``shown``, and what is left out."""
        lines = [self.scope] if self.scope else []
        if not self.ask.endswith("?"):
            lines.append(_named(self.labels, shown) or "no label")
        else:
            by_verb = {"check": self.labels, "uncheck": self.unchecked}
            lines += [
                f"{verb} {_named(labels, shown)}" for verb, labels in by_verb.items() if labels
            ]
        return "\n".join([*lines, *self.notes, "One undo takes it all back."])


class Plans:
    """Makes plans for photos by their positions; changes nothing.

    A plan of many photos takes a while; make it where no key waits.
    """

    def __init__(self, photos: PhotosShown, suggestions: LiveSuggestions) -> None:
        self._photos = photos
        self._suggestions = suggestions

    def approval(self, positions: Iterable[int]) -> Plan:
        """Plan to approve what is checked on each photo that is undecided or has changed checks.

        Photos of which nothing is suggested yet are left.
        """
        listing, catalogue = self._photos.listing, self._photos.job.catalogue
        suggester = self._suggestions.suggester
        offered = suggester.labels if suggester is not None else []
        place = {label: number for number, label in enumerate(offered)}
        with_drafts, (positions, unread) = drafted(catalogue), self._read(positions)
        keys, marks = listing.keys[positions], listing.marks[positions]
        decided = set(as_bytes(keys[np.isin(marks, _DECIDED)])).difference(with_drafts)
        pairs = zip(as_bytes(keys), marks.tolist(), strict=True)
        undecided = [sha1 for sha1, mark in pairs if mark == Mark.UNDECIDED or sha1 in with_drafts]
        due = list(dict.fromkeys(undecided))
        edits, labels, sha1s, bare = Edits(), Counter[str](), list[bytes](), 0
        scored = partial(_scored, suggester)
        parts = ordered_map(scored, self._parts(due), threads=_THREADS, window=_AHEAD)
        # Of a million photos it takes seconds to ask what is decided of each.
        spoken = spoken_of(catalogue) if len(due) > _AT_ONCE else None
        for part, known, cosines, likely in parts:
            first = firsts(catalogue, part)
            asked = [sha1 for sha1 in part if spoken is None or first.get(sha1, sha1) in spoken]
            decided_of = labels_held(self._photos.job, asked)
            own = [sha1 for sha1 in part if sha1 in decided_of or sha1 in with_drafts]
            row_of = {sha1: row for row, sha1 in enumerate(known)}
            rows = {sha1: row_of.pop(sha1) for sha1 in own if sha1 in row_of}
            likely_of = {sha1: likely[row] for sha1, row in rows.items()}
            changed = drafts(catalogue, [sha1 for sha1 in own if sha1 in with_drafts])
            for sha1, checked in _checked(own, decided_of, changed, likely_of, offered).items():
                # a label that was approved and is unchecked now must not stay approved
                verdicts: Verdicts = dict.fromkeys(decided_of.get(sha1, {}), False)
                verdicts |= dict.fromkeys(checked, True)
                in_place = verdicts.keys() & place.keys() if sha1 in rows else ()
                cosine_of = {label: float(cosines[rows[sha1], place[label]]) for label in in_place}
                of_labels = (
                    Verdict(label, yes, cosine_of.get(label)) for label, yes in verdicts.items()
                )
                edits.add(sha1, (Verdict(WHOLE_PHOTO, approved=True), *of_labels))
                labels.update(checked)
                bare += not checked
                sha1s.append(sha1)
            if others := list(row_of.values()):
                chosen, keys = likely[others], as_keys(row_of)
                edits.approve(keys, offered, chosen, cosines[others])
                counts = zip(offered, chosen.sum(axis=0).tolist(), strict=True)
                labels += Counter(dict(counts))
                bare += int((~chosen.any(axis=1)).sum())
                sha1s += row_of
        return Plan(
            "Approve as checked",
            f"approved {counted(len(sha1s), 'photo')} as checked",
            sha1s,
            labels,
            edits,
            notes=(
                *_bare(bare),
                *_copies(len(undecided) - len(due)),
                *_left(len(decided), "decided already"),
                *_left(unread + len(due) - len(sha1s), "without suggestions yet"),
            ),
        )

    def over(self, positions: Iterable[int]) -> Plan:
        """Plan to approve by auto what is over the threshold, where no person has decided.

        What a person decided of one label alone stays.

        Photos with checks that are not approved are left.
        """
        catalogue, suggester = self._photos.job.catalogue, self._suggestions.suggester
        positions, unread = self._read(positions)
        sha1s, with_drafts = self._photos.listing.contents(positions), drafted(catalogue)
        edits, labels = list[Edit](), Counter[str]()
        for part in self._parts([content for content in sha1s if content not in with_drafts]):
            by_persons = [
                decision for decision in decisions(catalogue, part) if decision.who is Who.PERSON
            ]
            decided = {decision.sha1 for decision in by_persons if is_of_person(decision)}
            alone = {(decision.sha1, decision.label) for decision in by_persons}
            free = [content for content in part if content not in decided]
            for sha1, reached in suggester.over_threshold(free) if suggester is not None else ():
                undecided = [
                    (label, value) for label, value in reached if (sha1, label) not in alone
                ]
                edits += [
                    Edit(sha1, label, approved=True, score=value) for label, value in undecided
                ]
                labels.update(label for label, _ in undecided)
        touched = list(dict.fromkeys(edit.sha1 for edit in edits))
        threshold = f"{self._suggestions.threshold:.2f}"
        return Plan(
            f"Approve what is over {threshold}",
            f"{len(edits):,} labels over {threshold} on {counted(len(touched), 'photo')}",
            touched,
            labels,
            edits,
            who=Who.AUTO,
            notes=(
                *self._copies(positions, touched),
                *_left(
                    sum(content in with_drafts for content in sha1s), "with checks not approved yet"
                ),
                *_left(unread, UNREAD),
            ),
        )

    def giving(self, positions: Iterable[int], word: str) -> Plan:
        """Plan to approve the label a word means on photos that do not have it, and nothing else.

        Checks that wait to be approved stay, with this label.
        """
        job = self._photos.job
        meant = names(job.catalogue).label_of(word)
        label = word if meant == GONE else meant
        positions, unread = self._read(positions)
        sha1s = self._photos.listing.contents(positions)
        decided = labels_held(job, sha1s)
        due = [sha1 for sha1 in sha1s if not decided.get(sha1, {}).get(label)]
        rejected = sum(label in decided.get(sha1, {}) for sha1 in due)
        checks: Drafts = {
            sha1: Draft(draft.checked | {label}, draft.shown)
            for part in self._parts(due)
            for sha1, draft in drafts(job.catalogue, part).items()
        }
        named = job.model.tree.shown(label)
        return Plan(
            f"Approve {named}",
            f"approved {named} on {counted(len(due), 'photo')}",
            due,
            Counter({label: len(due)}),
            [Edit(sha1, label, approved=True) for sha1 in due],
            checks=checks,
            notes=(
                *([f"{counted(rejected, 'photo')} of them had it rejected"] if rejected else []),
                *self._copies(positions, due),
                *_left(len(sha1s) - len(due), "with it already"),
                *_left(unread, UNREAD),
                *([f"Only {named} is decided; all else stays open."] if due else []),
            ),
        )

    def clearing(self, positions: Iterable[int]) -> Plan:
        """Plan to uncheck everything, and to make decided photos undecided."""
        positions, unread = self._read(positions)
        sha1s = self._photos.listing.contents(positions)
        catalogue = self._photos.job.catalogue
        recorded = [
            decision for part in self._parts(sha1s) for decision in decisions(catalogue, part)
        ]
        decided = len({decision.sha1 for decision in recorded})
        more = f", {decided:,} of them decided" if decided else ""
        return Plan(
            "Clear",
            f"cleared {counted(len(sha1s), 'photo')}{more}",
            sha1s,
            Counter(
                decision.label
                for decision in recorded
                if decision.approved and decision.label != WHOLE_PHOTO
            ),
            [Edit(decision.sha1, decision.label, None) for decision in recorded],
            checks=dict.fromkeys(sha1s, Draft(frozenset())),
            notes=(*self._copies(positions, sha1s), *_left(unread, UNREAD)),
            undone="cleared checks",
        )

    def changing(
        self,
        positions: Iterable[int],
        how: Callable[[Checklist], Checklist],
        *,
        drafts_too: bool = True,
    ) -> Plan:
        """Plan to change the checks of photos; not ``drafts_too``: changed ones are left."""
        listing, with_drafts = self._photos.listing, drafted(self._photos.job.catalogue)
        checks: Drafts = {}
        checked, unchecked, left, same = Counter[str](), Counter[str](), 0, 0
        positions, unread = self._read(positions)
        for position in chain.from_iterable(self._parts(positions)):
            sha1 = listing.sha1(position)
            if sha1 in with_drafts and not drafts_too:
                left += 1
                continue
            before = self._photos.checklist(position)
            new = how(before)
            if new.checked == before.checked:
                same += 1
                continue
            checks[sha1] = new.draft()
            checked.update(new.checked - before.checked)
            unchecked.update(before.checked - new.checked)
        verb, done = _said_of_checks(checked, unchecked, self._photos.job.model.tree.shown)
        photos = counted(len(checks), "photo")
        where = f"{len(checks):,} of {counted(len(positions), 'photo')}"
        return Plan(
            f"{verb} on {photos if len(checks) == len(positions) else where}?",
            f"{done} on {photos}",
            list(checks),
            checked,
            checks=checks,
            notes=(
                *_left(left, "with checks not approved yet"),
                *_left(same, "where it is so already"),
                *_left(unread, UNREAD),
            ),
            unchecked=unchecked,
            undone=done,
        )

    def as_before(self, positions: Iterable[int]) -> Plan:
        """Plan to decide photos as the picture was that was there before, where it has any."""
        in_parts = chain.from_iterable(self._parts(list(positions)))
        before = {
            self._photos.listing.sha1(position): self._photos.before(position)
            for position in in_parts
        }
        touched = [sha1 for sha1, decided in before.items() if decided]
        edits = [
            Edit(sha1, decision.label, decision.approved)
            for sha1, decided in before.items()
            for decision in decided
        ]
        named = (edit.label for edit in edits if edit.approved and edit.label != WHOLE_PHOTO)
        done = f"{counted(len(touched), 'photo')} decided as the picture before"
        return Plan("Decide as the picture before", done, touched, Counter(named), edits)

    def _read(self, positions: Iterable[int]) -> tuple[list[int], int]:
        """Return the photos whose files were read, by which alone they are known; count others."""
        all_of, unread = list(positions), self._photos.listing.unread
        read = [position for position in all_of if not unread[position]]
        return read, len(all_of) - len(read)

    def _copies(self, positions: list[int], sha1s: list[bytes]) -> tuple[str, ...]:
        """Say how many of some photos hold contents that an act decides already."""
        if self._photos.listing.count_contents(np.array(positions, np.int32)) == len(positions):
            return ()
        decided = np.isin(positions, self._photos.listing.positions_of(sha1s))
        return _copies(int(decided.sum()) - len(sha1s))

    def _parts(self, everything: list[Thing]) -> Iterator[list[Thing]]:
        """Yield so many at once, and tell how much is done: then it can be stopped."""
        for start in range(0, len(everything), _AT_ONCE):
            yield everything[start : start + _AT_ONCE]
            self._photos.tell(min(1.0, (start + _AT_ONCE) / len(everything)))


def _scored(
    suggester: Suggester | None, part: list[bytes]
) -> tuple[list[bytes], list[bytes], Float32, Bools]:
    """Return photos with those of them that have vectors, their cosines, and what is likely."""
    known = suggester.with_vectors(part) if suggester is not None else []
    if suggester is None or not known:
        return part, [], np.zeros((0, 0), np.float32), np.zeros((0, 0), np.bool_)
    return part, known, *suggester.likely(known)


def _checked(
    sha1s: list[bytes],
    decided: dict[bytes, dict[str, bool]],
    changed: dict[bytes, Draft],
    likely: dict[bytes, Bools],
    labels: list[str],
) -> dict[bytes, list[str]]:
    """Return the labels that are checked on photos: as they were ``changed``, or are suggested.

    What is ``decided`` of their labels is not suggested, it is so. ``likely`` tells of the photos
    with vectors which of the ``labels`` are suggested, bool [M].
    """
    checked = {content: sorted(draft.checked) for content, draft in changed.items()}
    for sha1 in sha1s:
        if sha1 not in changed and sha1 in likely:
            alone = decided.get(sha1, {})
            suggested = (labels[number] for number in likely[sha1].nonzero()[0].tolist())
            approved = [label for label, yes in alone.items() if yes]
            checked[sha1] = approved + [label for label in suggested if label not in alone]
    return checked


def edits_of(sha1: bytes, verdicts: Verdicts) -> list[Edit]:
    """Return the edits that decide a photo."""
    seen = Edit(sha1, WHOLE_PHOTO, approved=True)
    return [seen, *(Edit(sha1, label, yes) for label, yes in verdicts.items())]


def _named(labels: Counter[str], shown: Callable[[str], str]) -> str:
    best = labels.most_common(COMMONEST)
    more = len(labels) - len(best)
    rest = f" and {more:,} more" if more else ""
    return ", ".join(f"{shown(label)} {count:,}" for label, count in best) + rest


def _said_of_checks(
    checked: Counter[str], unchecked: Counter[str], shown: Callable[[str], str]
) -> tuple[str, str]:
    """Return what is done to checks, as it is asked and as it is said afterwards."""
    if len(checked) + len(unchecked) != 1:
        return "Change checks", "changed checks"
    label = shown(*(checked or unchecked))
    return (
        (f"Check {label}", f"checked {label}")
        if checked
        else (f"Uncheck {label}", f"unchecked {label}")
    )


def _bare(count: int) -> tuple[str, ...]:
    """Say how many photos are approved with nothing checked."""
    return (f"{counted(count, 'photo')} of them with nothing checked: no label",) if count else ()


def _copies(count: int) -> tuple[str, ...]:
    """Say how many photos are the same file as another one, and so are no photos of their own."""
    said = f"{counted(count, 'more photo')} with the same bytes: decided with them"
    return (said,) if count else ()


def _left(count: int, which: str) -> tuple[str, ...]:
    return (f"{counted(count, 'photo')} {which}: left as they are",) if count else ()
