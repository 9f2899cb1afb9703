"""What a key does to a stack: one act for all members that it is about, each decided by itself."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from phototagger.core.checklist import Checklist, Draft, Line, Mark, approve, checklist
from phototagger.printable import counted
from phototagger.review.photos_shown import PhotosShown, labels_held, refuse_unread
from phototagger.review.plans import Plan, edits_of
from phototagger.review.stacks.holding_back import HeldBack
from phototagger.review.suggestions import LiveSuggestions
from phototagger.store.labels.drafts import drafts
from phototagger.store.labels.edits import Edit
from phototagger.store.labels.stacks import Grouping


class StackApproval(NamedTuple):
    """What approving a stack would do, and how many members it leaves to be looked at."""

    plan: Plan
    held: int


class StackDecisions:
    """Makes checklists and plans for cells, by the positions of the photos that stand for them."""

    def __init__(self, photos: PhotosShown, suggestions: LiveSuggestions) -> None:
        self._photos = photos
        self._suggestions = suggestions
        self.held = HeldBack(photos, suggestions)

    def checklist(self, position: int, before: Checklist | None = None) -> Checklist:
        """Return the checklist of a cell as it opens: of a stack, that of the members' mean.

        ``before``: as it is on the screen, see ``PhotosShown.checklist``.
        """
        members = self._photos.stacked.members(position)
        if len(members) == 1:
            return self._photos.checklist(position, before)
        photos, suggester = self._photos, self._suggestions.suggester
        sha1s = self._photos.listing.contents(members)
        agreed = self._agreed(sha1s)
        known = suggester.with_vectors(sha1s) if suggester is not None else []
        lines: list[Line] = []
        if suggester is not None and known:
            lines = suggester.suggestions(known[0], agreed, known[1:])
        listed = {line.label for line in lines}
        lines += [
            Line(label, decided=agreed.get(label), suggested=agreed.get(label) is True)
            for label in dict.fromkeys([*agreed, *photos.job.offered])
            if label not in listed
        ]
        knew = before is not None and any(line.cosine is not None for line in before.lines)
        return checklist(
            lines,
            decided=not self._undecided(members),
            draft=self._shared(members),
            threshold=self._suggestions.threshold,
            before=before if knew else None,
        )

    def changing(self, position: int, now: Checklist) -> Plan:
        """Plan to change the checks of all members that were not decided, nor have their own."""
        due = self._photos.listing.contents(self.due(self._photos.stacked.members(position)))
        return Plan(
            "Change checks",
            "changed checks",
            due,
            Counter(),
            checks={sha1: now.draft() for sha1 in due},
            undone="changed checks",
        )

    def approval(self, position: int, now: Checklist) -> StackApproval:
        """Plan to approve what is checked on every member that is due and not held back."""
        members = self._photos.stacked.members(position)
        due = self.due(members)
        held_back = self.held.of(members, now.checked).intersection(due)
        approved = [member for member in due if member not in held_back]
        sha1s = self._photos.listing.contents(approved)
        alone = labels_held(self._photos.job, sha1s)
        verdicts, agreed = approve(now), self._agreed(self._photos.listing.contents(members))
        edits: list[Edit] = []
        for sha1 in sha1s:
            # What was decided of one member alone stays; what the checklist shows can be changed.
            kept = alone.get(sha1, {}).keys() - agreed.keys()
            new = {label: yes for label, yes in verdicts.items() if label not in kept}
            edits += edits_of(sha1, new)
        own = len(self._undecided(members)) - len(due)
        parts = [f"{len(approved):,} of {counted(len(members), 'photo')} approved"]
        parts += [f"{len(held_back):,} held back"] if held_back else []
        parts += [f"{own:,} with checks of their own"] if own else []
        shown = self._photos.job.model.tree.shown
        labels = ", ".join(map(shown, sorted(now.checked))) or "no label"
        done = f"{', '.join(parts)}: {labels}"
        count = Counter({label: len(sha1s) for label in now.checked})
        plan = Plan("Approve", done, sha1s, count, edits, source="stack")
        return StackApproval(plan, len(held_back) + own)

    def only_held_back(self, position: int) -> bool:
        """Tell whether all that is undecided in a stack is to be looked at, photo by photo."""
        members = self._photos.stacked.members(position)
        if len(members) == 1 or not self._undecided(members):
            return False
        return not set(self.due(members)) - self.held.of(members)

    def due(self, members: Sequence[int]) -> list[int]:
        """Return the members that an act on their stack is about.

        Not those that are decided, nor those whose checks were changed one by one.
        """
        listing, shared = self._photos.listing, self._shared(members)
        undecided = self._undecided(members)
        draft_of = drafts(self._photos.job.catalogue, self._photos.listing.contents(undecided))
        own = {sha1 for sha1, draft in draft_of.items() if draft != shared}
        return [member for member in undecided if listing.sha1(member) not in own]

    def taking_out(self, position: int) -> Plan:
        """Plan to let a photo stand alone.

        It and the plans below raise PhototaggerError where nobody has read one of the photos.
        """
        name = self._photos.name(position)
        return self._grouping([position], f"{name} stands alone", is_one=False)

    def breaking(self, position: int) -> Plan:
        """Plan to let all members of a photo's stack stand alone, shown or not."""
        stacked = self._photos.stacked
        members = stacked.of_stack(stacked.number(position)).tolist()
        done = f"{counted(len(members), 'photo')} stand alone"
        return self._grouping(members, done, is_one=False)

    def making(self, positions: Sequence[int]) -> Plan:
        """Plan to make one stack of photos, which are in one folder."""
        return self._grouping(positions, f"a stack of {len(positions):,}", is_one=True)

    def _grouping(self, positions: Sequence[int], done: str, *, is_one: bool) -> Plan:
        refuse_unread(self._photos, positions)
        sha1s = self._photos.listing.contents(positions)
        return Plan("Stack", done, sha1s, Counter(), grouping=Grouping(sha1s, is_one))

    def _undecided(self, members: Sequence[int]) -> list[int]:
        listing = self._photos.listing
        undecided = [member for member in members if listing.mark(member) is Mark.UNDECIDED]
        return [member for member in undecided if not listing.unread[member]]

    def _shared(self, members: Sequence[int]) -> Draft | None:
        """Return the checks that wait on members together; None where each has its own, or none."""
        undecided = self._photos.listing.contents(self._undecided(members))
        draft_of = drafts(self._photos.job.catalogue, undecided)
        best = Counter(draft_of.values()).most_common(1)
        return best[0][0] if best and best[0][1] > 1 else None

    def _agreed(self, sha1s: Sequence[bytes]) -> dict[str, bool]:
        """Return what is decided of labels alike on all members."""
        decided = labels_held(self._photos.job, sha1s)
        by_member = [decided.get(sha1, {}) for sha1 in sha1s]
        return {
            label: yes
            for label, yes in by_member[0].items()
            if all(verdicts.get(label) is yes for verdicts in by_member)
        }
