"""Find a label by typing, beside the photo it is for."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import ClassVar, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Input

from phototagger.core.labels import as_new_label
from phototagger.tui.widgets.virtual_list import TextRows


class FoundLabel(NamedTuple):
    """A label to check; ``new``: it is in no list yet."""

    label: str
    new: bool = False


class LabelFinder(Vertical):
    """A field and the labels that its words find, the likeliest first.

    Enter takes the label under the cursor, tab takes it and approves. The cursor begins on a
    label that exists, or on none: a new word is taken only where somebody moves the cursor to it.
    Shift+tab takes it for many photos, also a new word where no label has that: it is asked about.
    ``taken`` is called with the offer and whether to approve, ``given`` with what is for many,
    ``left`` when the field closes.
    """

    DEFAULT_CSS = """
    LabelFinder { border: heavy $border; border-title-color: $foreground; height: 1fr; }
    LabelFinder > Input, LabelFinder > Input:focus {
        border: none; height: 1; padding: 0; background: $boost; margin-bottom: 1;
    }
    LabelFinder > TextRows { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("down", "move('down')"),
        ("up", "move('up')"),
        ("pagedown", "move('page_down')"),
        ("pageup", "move('page_up')"),
        ("tab", "take(True)"),
        ("shift+tab", "give"),
        ("escape", "leave"),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.border_title = "find a label"
        self.taken: Callable[[FoundLabel, bool], object] = lambda *_: None
        self.given: Callable[[FoundLabel], object] = lambda _: None
        self.shown: Callable[[str], str] = str  # how a label is written
        self.also: Callable[[str], Sequence[str]] = lambda _: ()  # a label's other words
        self.named: Callable[[str], Iterable[str]] = lambda _: ()  # found by synonyms, old names
        self.left: Callable[[], object] = lambda: None
        self._labels: Sequence[str] = ()
        self._checked: Collection[str] = ()
        self._offers: list[FoundLabel | None] = []
        self.is_open = False
        self._searched = ""

    def compose(self) -> ComposeResult:
        """Lay out the field and the list."""
        yield Input(placeholder="a label", select_on_focus=False)
        yield TextRows()

    def begin(self, labels: Sequence[str], checked: Collection[str]) -> None:
        """Begin to find one of some labels, which come likeliest first."""
        self._labels, self._checked = labels, checked
        field = self.query_one(Input)
        field.value = ""
        self._search("")
        self.is_open = True
        self.screen.set_focus(field)  # at once: the next key may be here already

    def takes(self, key: events.Key) -> bool:
        """Put a letter into the field that no widget took; tell whether it was one.

        Keys that come at once, as a slow line brings them, are on their way to another widget when
        the field opens; none of them may act on the photos.
        """
        return self.is_open and type_into(self.query_one(Input), key)

    def on_descendant_blur(self) -> None:
        """Close when something else is clicked: keys are no letters of the field then."""
        self.call_later(self._left)

    def _left(self) -> None:
        if self.display and not self.has_focus_within:
            self.left()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search as it is typed."""
        event.stop()
        self._catch_up()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take what the cursor is on."""
        event.stop()
        self._take(approve=False)

    def on_text_rows_clicked(self, event: TextRows.Clicked) -> None:
        """Take what was clicked."""
        event.stop()
        self._take(approve=False)

    def action_move(self, where: str) -> None:
        """Move the cursor of the list."""
        self.query_one(TextRows).action_move(where)

    def action_take(self, approve: bool) -> None:  # noqa: FBT001  (as Textual calls it)
        """Take what the cursor is on, and approve with it."""
        self._take(approve=approve)

    def action_give(self) -> None:
        """Take what the cursor is on, or the new word where it is on none, for many photos."""
        if not self.is_open:
            return
        self._catch_up()
        at = self.query_one(TextRows).cursor
        offer = next((entry for entry in self._offers[at:] if entry is not None), None)
        if offer is not None:
            self.left()
            self.given(offer)

    def action_leave(self) -> None:
        """Close without a label."""
        if self.is_open:
            self.left()

    def _catch_up(self) -> None:
        """Search for what is typed: the field tells of its last letter after the next key."""
        words = self.query_one(Input).value
        if words != self._searched:
            self._search(words)

    def _search(self, words: str) -> None:
        self._searched = words
        labels = matching(words, self._labels, self._checked, self.also)
        labels += [label for label in self.named(words) if label not in labels]
        new, why = new_label(words, self._labels)
        offers: list[FoundLabel | None] = [FoundLabel(label) for label in labels]
        if new:
            offers += [FoundLabel(new, new=True)] if offers else [None, FoundLabel(new, new=True)]
        self._offers = offers
        rows = self.query_one(TextRows)
        rows.empty = f"no label: it {why}" if why else "nothing found"
        rows.put([self._row(offer) for offer in offers])

    def _row(self, offer: FoundLabel | None) -> list[tuple[str, str]]:
        if offer is None:
            return [("no label has that; ↓ for a new one", "dim")]
        if offer.new:
            return [(f"add the new label “{offer.label}”", "bold")]
        checked = offer.label in self._checked
        return [(f"{'■' if checked else '□'} {self.shown(offer.label)}", "dim" if checked else "")]

    def _take(self, *, approve: bool) -> None:
        if not self.is_open:  # the key before closed it
            return
        self._catch_up()
        at = self.query_one(TextRows).cursor
        offer = self._offers[at] if at < len(self._offers) else None
        if offer is not None and not (approve and offer.new):
            self.taken(offer, approve)


def type_into(field: Input, key: events.Key) -> bool:
    """Put a letter into a field that no widget took; tell whether it was one."""
    is_letter = key.is_printable and key.character is not None
    if is_letter and field.screen.is_current:
        field.insert_text_at_cursor(key.character or "")
        return True
    return False


def matching(
    words: str,
    labels: Iterable[str],
    checked: Collection[str] = (),
    also: Callable[[str], Sequence[str]] = lambda _: (),
) -> list[str]:
    """Return the labels that hold some letters, or of which another word does, in their order.

    First the label itself, then those of which a word begins so. Checked labels come after the
    others of their kind.
    """
    wanted = " ".join(words.lower().split())

    def rank(label: str) -> tuple[bool, bool, bool]:
        begins = label.startswith(wanted) or f" {wanted}" in label
        return label != wanted, not begins, label in checked

    holding = (label for label in labels if any(wanted in word for word in (label, *also(label))))
    return sorted(holding, key=rank)


def new_label(words: str, labels: Collection[str]) -> tuple[str, str]:
    """Return the new label that words would make, or why they make none; both may be empty."""
    if not words.strip():
        return "", ""
    try:
        label = as_new_label(words)
    except ValueError as error:
        return "", str(error)
    return ("", "") if label in labels else (label, "")
