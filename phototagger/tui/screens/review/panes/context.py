"""What the keys are for, by where the focus is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phototagger.tui.contexts import (
    FINDER,
    FOLDERS,
    LABELS,
    LETTER_KEYS,
    PHOTOS,
    SEARCHING,
    STACK,
    Context,
)

if TYPE_CHECKING:
    from phototagger.tui.screens.review.screen import ReviewScreen


def context_of(screen: ReviewScreen) -> Context:
    """Return the context in which a key that comes now is read."""
    if screen.has_class("finding"):
        return FINDER
    if screen.has_class("searching"):
        return SEARCHING
    if screen.letters.on:
        return LETTER_KEYS
    if screen.focused is screen.folders:
        return FOLDERS
    if screen.focused is screen.labels:
        return LABELS
    position = screen.grid.cursor.position
    is_in = position is not None and screen.review.photos.stacked.is_in_open(position)
    return STACK if is_in else PHOTOS


def types_in(screen: ReviewScreen) -> bool:
    """Tell whether letters go into a field."""
    return context_of(screen) in {FINDER, SEARCHING}
