"""Labels that a review remembers between keys, by what they are called now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phototagger.engine.decisions.naming import GONE, Kind

if TYPE_CHECKING:
    from phototagger.engine.decisions.naming import Naming


class RememberedLabels:
    """``copied``: those to be pasted, None before any; ``approved``: of the last approved photo."""

    def __init__(self) -> None:
        self.copied: frozenset[str] | None = None
        self.approved: frozenset[str] = frozenset()

    def follow(self, naming: Naming, *, is_back: bool) -> None:
        """Call them as they are called after a naming, or after it was taken back."""
        if self.copied is not None:
            self.copied = _called(self.copied, naming, is_back=is_back)
        self.approved = _called(self.approved, naming, is_back=is_back)


def called_after(label: str, naming: Naming, *, is_back: bool) -> str:
    """Return what a label is called after a naming, ``GONE`` if nothing; or after its undo.

    Once a merge or a removal is undone, nothing tells which label was meant: it stays.
    """
    if is_back:
        is_it = naming.kind is Kind.RENAME and label == naming.becomes
        return naming.label if is_it else label
    return naming.becomes if label == naming.label else label


def _called(labels: frozenset[str], naming: Naming, *, is_back: bool) -> frozenset[str]:
    called = (called_after(label, naming, is_back=is_back) for label in labels)
    return frozenset(called) - {GONE}
