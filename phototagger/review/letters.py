"""Letter keys: which key checks which label of a photo.

The labels on the screen have one key each: a letter, a digit, or one of these after a comma. A
letter is a label's own from its third approval on; until then it is given anew for each photo.
"""

import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from phototagger.review.by_label.label_names import shown_label
from phototagger.review.session import Review
from phototagger.store.catalogue import kinds
from phototagger.store.labels.letters import keep_letter, letters

LETTERS = tuple(kinds.LETTERS)
DIGITS = tuple("123456789")
SECOND_BANK = ","
"""What is pressed before a key of the second bank."""

FIRST_BANK = len(LETTERS) + len(DIGITS)
APPROVALS = 3
"""From which approval on a letter is a label's own."""


@dataclass(frozen=True)
class GivenKeys:
    """The labels of a photo that have a key, by key; ``fixed`` are those whose letter is theirs.

    Keys of the second bank are written with the comma: ``,d``.
    """

    labels: Mapping[str, str]
    fixed: frozenset[str] = frozenset()

    @cached_property
    def keys(self) -> dict[str, str]:
        """The keys by label, in the order they were given."""
        return {label: key for key, label in self.labels.items()}


def give_keys(
    labels: Iterable[str],
    fixed: Mapping[str, str],
    room: int,
    shown: Callable[[str], str] = str,
) -> GivenKeys:
    """Give keys to at most ``room`` labels, which come in the order of their rows.

    ``fixed`` are the letters that labels have for good; nobody else gets those. Labels without
    one get the first free letter of their words, as they are ``shown``, else any free letter; when
    no letter is free, the next nine get the digits. Labels that are left get keys of the second
    bank.
    """
    free = [candidate for candidate in LETTERS if candidate not in fixed.values()]
    digits, given, left = list(DIGITS), dict[str, str](), list[str]()
    for label in labels:
        key = fixed.get(label) or pick_letter(shown(label), free)
        if not key and digits:
            key = digits[0]
        if not key or len(given) >= room:
            left.append(label)
            continue
        for keys in (free, digits):
            if key in keys:
                keys.remove(key)
        given[key] = label
    free, digits = list(LETTERS), list(DIGITS)
    for label in left[: max(0, min(room - len(given), FIRST_BANK))]:
        letter = pick_letter(shown(label), free)
        given[SECOND_BANK + (letter or digits[0])] = label
        (free if letter else digits).remove(letter or digits[0])
    return GivenKeys(given, frozenset(keyed for keyed in given.values() if keyed in fixed))


def pick_letter(label: str, free: Sequence[str]) -> str:
    """Return the first letter of a label that is free, else any free letter, else nothing."""
    plain = unicodedata.normalize("NFKD", label.casefold())
    return next((letter for letter in plain if letter in free), free[0] if free else "")


class LabelLetters:
    """The letters that labels have for good: kept in the catalogue, given by approvals."""

    def __init__(self, review: Review) -> None:
        self._review = review

    def read(self) -> None:
        """Give labels that were approved often their letters, also before this review.

        Raises PhototaggerError where they cannot be kept.
        """
        approvals = self._approvals()
        often = sorted(approvals, key=lambda label: -approvals[label])
        self._fix(often, {}, approvals)

    def fixed(self) -> dict[str, str]:
        """Return the letters of the labels that are offered; that of a removed label is free."""
        offered = set(self._review.labels)
        letter_of = letters(self._review.job.catalogue)
        return {label: letter for label, letter in letter_of.items() if label in offered}

    def give(self, labels: Iterable[str], room: int) -> GivenKeys:
        """Return the keys of labels, which come in the order of their rows."""
        return give_keys(labels, self.fixed(), room, self._shown)

    def approved(self, labels: Collection[str], given: GivenKeys) -> None:
        """Fix the letters that labels have now, where this was their third approval.

        Raises PhototaggerError where they cannot be kept.
        """
        if len(self.fixed()) < len(LETTERS):  # else there is none to give
            self._fix(sorted(labels), given.keys, self._approvals())

    def _fix(
        self, labels: Iterable[str], given: Mapping[str, str], approvals: Mapping[str, int]
    ) -> None:
        fixed = self.fixed()
        for label in labels:
            if label in fixed or approvals.get(label, 0) < APPROVALS or self._review.read_only:
                continue
            free = [candidate for candidate in LETTERS if candidate not in fixed.values()]
            current = given.get(label, "")
            letter = current if current in free else pick_letter(self._shown(label), free)
            if letter:
                keep_letter(self._review.job.catalogue, label, letter)
                fixed[label] = letter

    def _shown(self, label: str) -> str:
        return shown_label(self._review, label)

    def _approvals(self) -> dict[str, int]:
        suggester = self._review.suggestions.suggester
        if suggester is None:
            return {}
        states = suggester.heads.states
        return {
            label: state.positives for label, state in zip(suggester.labels, states, strict=True)
        }
