"""What is said of a folder while the cursor is among the folders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from phototagger.core.checklist import Mark
from phototagger.printable import counted, printable

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from phototagger.review.where.folder_facts import FolderFacts

NOT_HERE = "this is a folder, and nothing is decided here: enter goes to its photos"


class FolderCard(VerticalScroll, can_focus=False):
    """Shows the facts of a folder."""

    DEFAULT_CSS = """
    FolderCard {
        border: round $foreground 40%; border-title-color: $foreground; height: 1fr; padding: 0 1;
    }
    FolderCard > Static { width: 100%; height: auto; color: $foreground; }
    """

    def compose(self) -> ComposeResult:
        """Lay out the text."""
        self.border_title = "folder"
        yield Static()

    def put(self, facts: FolderFacts, typical: str, taken: str) -> None:
        """Show the facts of a folder; ``typical`` is its medoid's name, ``taken`` its dates."""
        lines = card_lines(facts, typical, taken)
        self.query_one(Static).update(Content("\n").join(lines))


def card_lines(facts: FolderFacts, typical: str, taken: str) -> list[Content]:
    """Return what is said of a folder, line by line."""
    name = "all photos" if facts.path == "." else printable(facts.path)
    lines = [Content.styled(name, "bold")]
    lines += [Content(f"typical photo: {printable(typical)}")] if typical else []
    if sum(facts.own):
        lines += [Content(counts_said(facts.own))]
    if facts.folders:
        inside = counted(facts.folders, "folder")
        lines += [Content(f"with the {inside} in it: {counts_said(facts.within)}")]
    lines += [Content(facts.more_failed)] if facts.more_failed else []
    lines += [Content(taken)] if taken else []
    return [*lines, Content(""), Content("Nothing is decided here: enter goes to its photos.")]


def counts_said(counts: Sequence[int]) -> str:
    """Return the photos of each mark in words, such as ``92 photos, 61 undecided``."""
    words = {
        Mark.UNDECIDED: "undecided",
        Mark.APPROVED: "approved",
        Mark.NONE: "with no label",
        Mark.FAILED: "failed",
    }
    parts = [f"{counts[mark]:,} {word}" for mark, word in words.items() if counts[mark]]
    return ", ".join([counted(sum(counts), "photo"), *parts])


def taken_said(between: tuple[datetime, datetime] | None) -> str:
    """Return when photos were taken, in words; nothing where none of them says it."""
    if between is None:
        return ""
    first, last = between
    until = f"{last:%H:%M}" if first.date() == last.date() else f"{last:%Y-%m-%d %H:%M}"
    return f"taken {first:%Y-%m-%d %H:%M}" + (f" to {until}" if last != first else "")
