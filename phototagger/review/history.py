"""What a review has done and can take back."""

from __future__ import annotations

from dataclasses import dataclass

from phototagger.core.checklist import Draft

Drafts = dict[bytes, Draft | None]
"""The kept checks of photos; None: none are kept."""


@dataclass(frozen=True)
class Checks:
    """Checks that were changed: what was kept of them before and after."""

    before: Drafts
    after: Drafts


@dataclass(frozen=True)
class Done:
    """An act in the catalogue, and what was kept of its photos' checks before and after."""

    before: Drafts
    after: Drafts
