"""Labels that a review remembers between keys, by what they are called now."""

from collections.abc import Callable

from phototagger.store.labels.names import GONE


class RememberedLabels:
    """``copied``: those to be pasted, None before any; ``approved``: of the last approved photo."""

    def __init__(self) -> None:
        self.copied: frozenset[str] | None = None
        self.approved: frozenset[str] = frozenset()

    def follow(self, called: Callable[[str], str]) -> None:
        """Call them as they are ``called`` now; what is none any more is forgotten."""
        if self.copied is not None:
            self.copied = frozenset(map(called, self.copied)) - {GONE}
        self.approved = frozenset(map(called, self.approved)) - {GONE}
