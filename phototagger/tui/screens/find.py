"""Find a label to add or a photo to jump to, as it is typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.widgets import Input

from phototagger.printable import printable
from phototagger.tui.screens.dialog import ListDialog
from phototagger.tui.widgets.finder import FoundLabel, new_label
from phototagger.tui.widgets.virtual_list import TextRows

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from textual.binding import BindingType
    from textual.widget import Widget


@dataclass(frozen=True)
class FoundPhoto:
    """A photo to jump to, by its position in the listing."""

    position: int


Found = FoundLabel | FoundPhoto


class FindScreen(ListDialog[Found]):
    """A field and what its words find: labels, the offer of a new label, file names.

    ``labels`` and ``photos`` search, ``name`` says a photo's name, ``checked`` are the labels that
    are checked already. Tab completes the words to the label under the cursor.
    """

    BINDINGS: ClassVar[list[BindingType]] = [("tab", "complete", "complete")]

    heading = "find labels and photos"
    hints = (("enter", "add or go", "accept"), ("tab", "complete", "complete"))
    size_class = "dialog--tall"

    def __init__(
        self,
        labels: Callable[[str], Sequence[str]],
        photos: Callable[[str], Sequence[int]],
        name: Callable[[int], str],
        checked: Collection[str] = (),
    ) -> None:
        super().__init__()
        self._labels, self._photos, self._photo_name = labels, photos, name
        self._checked = checked
        self._found: list[Found] = []

    def body(self) -> Iterable[Widget]:
        """Return the field and the list."""
        yield Input(placeholder="a label, or part of a file name", classes="dialog--input")
        yield TextRows(classes="dialog--list")

    def on_mount(self) -> None:
        """Begin with every label."""
        self._search("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search as it is typed."""
        event.stop()
        self._search(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take what the cursor is on."""
        event.stop()
        self.action_accept()

    def on_text_rows_clicked(self, event: TextRows.Clicked) -> None:
        """Take what was clicked."""
        event.stop()
        self.action_accept()

    def _search(self, words: str) -> None:
        labels = self._labels(words)
        new, why = new_label(words, labels)
        photos = self._photos(words) if words.strip() else ()
        found: list[Found] = [FoundLabel(label) for label in labels]
        found += [FoundLabel(new, new=True)] if new else []
        first_photo = len(found)
        found += [FoundPhoto(position) for position in photos]
        self._found = found
        rows = self.query_one(TextRows)
        rows.empty = f"no label: it {why}" if why else "nothing found"
        # enter must not make a label of what was meant as a file name
        rows.put([self._row(one) for one in found], first_photo if photos and not labels else 0)

    def _row(self, found: Found) -> list[tuple[str, str]]:
        if isinstance(found, FoundPhoto):
            return [(f"go to  {printable(self._photo_name(found.position))}", "")]
        if found.new:
            return [(f"add the new label “{found.label}”", "bold")]
        here = found.label in self._checked
        return [(f"{'[x]' if here else 'add'}    {found.label}", "dim" if here else "")]

    def action_complete(self) -> None:
        """Write the label under the cursor into the field."""
        at = self.query_one(TextRows).cursor
        if at < len(self._found) and isinstance(found := self._found[at], FoundLabel):
            field = self.query_one(Input)
            field.value = found.label
            field.cursor_position = len(found.label)

    def action_accept(self) -> None:
        """Close with what the cursor is on."""
        at = self.query_one(TextRows).cursor
        if at < len(self._found):
            self.dismiss(self._found[at])
