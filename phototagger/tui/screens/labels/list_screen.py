"""The label list: what was decided of every label, and what its pages are expected to gain."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.widgets import Input, Static

from phototagger.printable import counted
from phototagger.review import TROUBLE
from phototagger.review.by_label.label_list import LabelOrder, ListedLabel, ListedLabels
from phototagger.review.by_label.label_names import shown_label
from phototagger.review.by_label.label_pages import about
from phototagger.review.letters import LETTERS
from phototagger.tui.bindings import typed_key
from phototagger.tui.contexts import LABEL_LIST
from phototagger.tui.keys_said import no_key
from phototagger.tui.screens.choose import ChooseScreen
from phototagger.tui.screens.keyed import KeyedScreen
from phototagger.tui.screens.labels.label_naming import LabelNaming
from phototagger.tui.screens.labels.pages_screen import PagesScreen
from phototagger.tui.screens.labels.work import LabelWork, between_keys
from phototagger.tui.widgets.text import padded, plain
from phototagger.tui.widgets.virtual_list import Piece, VirtualList

_COLUMNS = (
    ("approved", 9), ("rejected", 9), ("suggested", 10), ("open", 8), ("learned", 10), ("key", 4),
    ("gains", 7),
)  # fmt: skip
_NARROWER = ("rejected", "open", "learned", "key", "suggested", "approved", "gains")
"""Columns that are left out where a label's name has no room, the first one first."""
_AGAIN = 1.0  # seconds between two looks at whether something was learned
_LEAST = 20  # cells that a label's name has
_KEYS = {key: action.name for action in LABEL_LIST.own for key in action.keys}
_SAME = {"u": "undo", "backspace": "undo", "ctrl+r": "redo", "?": "help"}


class LabelTable:
    """The rows of the list, each with a label, as ``names`` write it, and its figures."""

    def __init__(self, labels: Sequence[ListedLabel] = (), names: Sequence[str] = ()) -> None:
        self.labels = labels
        self._names = names
        self._longest = max(map(cell_len, names), default=0)

    def __len__(self) -> int:
        return len(self.labels)

    def row(self, index: int, width: int) -> Sequence[Piece]:
        """Return what stands in a row of so many cells."""
        row = self.labels[index]
        figures = {
            "approved": f"{row.counts.approved:,}",
            "rejected": f"{row.counts.rejected:,}",
            "suggested": "" if row.suggested is None else f"{row.suggested:,}",
            "open": f"{row.open:,}",
            "learned": _learned(row),
            "key": row.letter,
            "gains": about(row.gain) if row.gain is not None and row.is_offered else "",
        }
        shown = columns(width)
        name = padded(self._names[index], self.name_width(width))
        cells = "".join(f"{figures[title]:>{wide}}" for title, wide in shown)
        return ((name, "bold" if row.is_offered else ""), (cells, "" if row.is_offered else "dim"))

    def name_width(self, width: int) -> int:
        """Return the cells of the names: no more than they need, so that figures stand near."""
        room = width - sum(wide for _, wide in columns(width))
        return max(1, min(room, max(self._longest, _LEAST)))


def columns(width: int) -> list[tuple[str, int]]:
    """Return the columns of figures for which there is room, each with its width."""
    shown = list(_COLUMNS)
    for title in _NARROWER:
        if width - sum(wide for _, wide in shown) < _LEAST:
            shown = [column for column in shown if column[0] != title]
    return shown


def _head(labels: str, photos: int, copies: int, width: int) -> str:
    """Return which labels are listed, and for how many photos; how many are copies if that fits."""
    head = f"LABEL LIST · {labels} · {counted(photos, 'photo')} shown"
    more = f", {copies:,} {'copy' if copies == 1 else 'copies'}" if copies else ""
    return f"{head}{more}" if len(head + more) <= width else head


def _learned(row: ListedLabel) -> str:
    if row.state is None:
        return "no vector"
    return "yes" if row.state.learned else f"{row.state.positives:,} of 10"


class LabelListScreen(KeyedScreen):
    """Lists the labels; enter shows the pages of one."""

    DEFAULT_CSS = """
    LabelListScreen #head { height: 1; width: 100%; text-style: bold; padding: 0 1; }
    LabelListScreen #columns { height: 1; width: 100%; color: $text-muted; }
    LabelListScreen #rows { height: 1fr; }
    LabelListScreen #words { display: none; border: none; height: 1; padding: 0 1; }
    LabelListScreen.filtering #words { display: block; }
    LabelListScreen #said {
        height: auto; min-height: 1; max-height: 4; width: 100%; background: $panel; padding: 0 1;
    }
    """
    AUTO_FOCUS = "#rows"

    def __init__(self, work: LabelWork) -> None:
        super().__init__(work.bound, LABEL_LIST)
        self._work = work
        self._review = work.review
        self._listed = ListedLabels(work.review, work.positions)
        self._order = LabelOrder.GAIN
        self._awaits_letter = self._is_used = False
        self._list = VirtualList(LabelTable(), id="rows")
        self._words = Input(placeholder="labels that hold these letters", id="words")
        self._texts = {name: Static(id=name) for name in ("head", "columns")}
        self._naming = LabelNaming(self, work.review, work.decided)
        self.actions |= {
            "open_label": self._open,
            "next_open": self._next_open,
            "filter_labels": self._filter,
            "order_labels": self._choose_order,
            "set_letter": self._ask_letter,
            "leave_list": self._leave,
            **self._naming.actions,
        }

    def compose(self) -> ComposeResult:
        """Lay out the parts."""
        yield self._texts["head"]
        yield self._texts["columns"]
        yield self._list
        yield self._words
        yield self.said
        yield self.footer

    def on_mount(self) -> None:
        """Show the labels; their figures come as they are counted."""
        self.show_labels()
        self.set_interval(_AGAIN, self._follow)

    def on_screen_resume(self) -> None:
        """Count again: pages may have decided something."""
        self.count()

    def on_resize(self) -> None:
        """Put the titles of the columns over them."""
        self.call_after_refresh(self._show_titles)

    # What is shown.

    def count(self) -> None:
        """Count what was decided and what is expected, beside the keys."""

        def read() -> None:
            try:
                self._listed.read()
            except TROUBLE as error:
                self.app.call_from_thread(self.complain, error)
            self.app.call_from_thread(self.show_labels)
            self.app.call_from_thread(look)

        def look() -> None:
            between_keys(self, self._listed.look(), self.show_labels)

        self.run_worker(read, group="count", exclusive=True, thread=True)

    def _follow(self) -> None:
        """Count again once something was learned beside the keys."""
        if self.is_current and self._listed.is_outdated:
            self.count()

    def show_labels(self, label: str = "") -> None:
        """Show the labels in their order; the cursor goes to ``label``, or stays on its own.

        Where its own is gone, it stays in its row.
        """
        current = label or self.label
        rows = self._listed.rows(self._order, self._words.value)
        names = [row.label for row in rows]
        self._list.rows = LabelTable(rows, self._listed.written(rows, self._order))
        self._list.empty = "no label holds these letters" if self._words.value else "no labels"
        at = names.index(current) if current in names else self._list.cursor
        self._list.changed(at if self._is_used else 0)  # before any key the first is the best
        labels = f"{counted(len(rows), 'label')}, {self._order.value}"
        photos, copies = len(self._work.positions), self._listed.copies
        self._texts["head"].update(plain(_head(labels, photos, copies, self.size.width - 2)))
        self._show_titles()

    def _show_titles(self) -> None:
        table, width = self._list.rows, self._list.scrollable_content_region.width - 1
        assert isinstance(table, LabelTable)
        titles = "".join(f"{title:>{wide}}" for title, wide in columns(width))
        self._texts["columns"].update(
            plain(" " + padded("label", table.name_width(width)) + titles)
        )

    @property
    def label(self) -> str:
        """The label under the cursor, or nothing."""
        table = self._list.rows
        assert isinstance(table, LabelTable)
        return table.labels[self._list.cursor].label if len(table) else ""

    @property
    def decided(self) -> int:
        """On how many photos something is decided of the label under the cursor."""
        table = self._list.rows
        assert isinstance(table, LabelTable)
        return sum(table.labels[self._list.cursor].counts) if len(table) else 0

    # What keys do.

    def action_act(self, word: str) -> None:
        """Do what a key means here, unless something goes on that nothing may come between."""
        if self._naming.busy:
            self.say(f"one moment: {self._naming.busy}")
        else:
            super().action_act(word)

    def on_key(self, event: events.Key) -> None:
        """Do what a key means here, unless it is typed into the field."""
        key = typed_key(event)
        self._is_used = True
        if self._naming.busy:
            self.say(f"one moment: {self._naming.busy}")
        elif self._awaits_letter:
            self._set_letter(key)
        elif self.focused is self._words:
            if key not in {"escape", "down", "up"}:
                return
            self._list.focus()
            if key == "escape":
                self._words.value = ""
                self.remove_class("filtering")
        elif word := _KEYS.get(key) or _SAME.get(key):
            self.action_act(word)
        elif event.is_printable and event.key not in self.active_bindings:
            self.say(no_key(key))
        else:
            return
        event.stop()
        event.prevent_default()

    def on_input_changed(self) -> None:
        """Show the labels that hold what was typed."""
        self.show_labels()
        self._list.changed(0)

    def on_input_submitted(self) -> None:
        """Show the pages of the label under the cursor; the list has the keys after that."""
        self._list.focus()
        self._open()

    def _open(self) -> None:
        """Show the pages of the label under the cursor."""
        if self.label:
            self.say("")
            self.app.push_screen(PagesScreen(self._work, self._listed, self.label))

    def _next_open(self) -> None:
        """Move to the next label below that expects any."""
        table = self._list.rows
        assert isinstance(table, LabelTable)
        below = range(self._list.cursor + 1, len(table))
        at = next((index for index in below if table.labels[index].is_offered), None)
        if at is None:
            self.say("no label below expects any photo")
        else:
            self._list.move_to(at)

    def _filter(self) -> None:
        self.add_class("filtering")
        self._words.focus()

    def _choose_order(self) -> None:
        def chosen(order: LabelOrder) -> None:
            self._order = order
            self.show_labels()

        rows = [(order, order.value) for order in LabelOrder]
        ChooseScreen("labels in which order?", rows, self._order).ask_on(self.app, chosen)

    def _ask_letter(self) -> None:
        if self.label:
            self._awaits_letter = True
            named = shown_label(self._work.review, self.label)
            self.say(f"which letter is {named}? (never q or u; esc leaves it as it is)")

    def _set_letter(self, key: str) -> None:
        self._awaits_letter = False
        if key.lower() not in LETTERS:
            self.say("" if key == "escape" else f"{key} cannot be the letter of a label")
            return
        try:
            self.say(self._listed.set_letter(self.label, key.lower()))
        except TROUBLE as error:
            self.complain(error)
        self.show_labels()

    def _leave(self) -> None:
        """Drop the filter, else go back to the photos."""
        if self._words.value:
            self._words.value = ""
            self.remove_class("filtering")
        else:
            self.dismiss(None)
