"""What is asked where there is nothing to review yet: which folder, which labels, which step."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from phototagger.printable import printable
from phototagger.tui.screens.confirm import ConfirmScreen
from phototagger.tui.screens.dialog import ListDialog
from phototagger.tui.widgets.text import plain
from phototagger.tui.widgets.virtual_list import TextRows

_MOST = 2000  # folders that are listed; more are found by typing


class RootScreen(ListDialog[str]):
    """Asks for the folder that holds the photos; returns its absolute path.

    ``recent``: roots used before. ``start``: the folder to begin in. ``notice``: why it is asked,
    such as that a folder holds no photos. A path can be typed, completed with tab, or walked to
    with the arrows and enter.
    """

    DEFAULT_CSS = """
    RootScreen .firstrun--notice { width: 100%; height: auto; margin-bottom: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("tab", "complete", "complete")]

    heading = "which folder holds the photos?"
    hints = (("enter", "take or open", "accept"), ("tab", "complete", "complete"))
    size_class = "dialog--tall"

    def __init__(self, recent: Sequence[str] = (), start: str = "", notice: str = "") -> None:
        super().__init__()
        self._recent = recent
        self._start = start
        self._notice = notice
        self._rows: list[tuple[str, str]] = []

    def body(self) -> Iterable[Widget]:
        """Return the notice, the field and the list."""
        notice = self._notice or "Originals are never written; subfolders are included."
        yield Static(plain(notice), classes="firstrun--notice")
        begin = "" if self._recent and not self._start else _with_slash(self._start or Path.cwd())
        yield Input(begin, placeholder="a path, such as ~/Pictures", classes="dialog--input")
        yield TextRows(classes="dialog--list")

    def on_mount(self) -> None:
        """Begin with the recent roots or the folder to start in."""
        field = self.query_one(Input)
        field.select_on_focus = False
        field.cursor_position = len(field.value)
        self._list(field.value)

    def on_input_changed(self, event: Input.Changed) -> None:
        """List what the typed path could become."""
        event.stop()
        self._list(event.value)

    @work(thread=True, exclusive=True)
    def _list(self, typed: str) -> None:
        """Read the folder in a thread: a network drive may take its time."""
        rows = rows_for(typed, self._recent)
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._put, typed, rows)

    def _put(self, typed: str, rows: list[tuple[str, str]]) -> None:
        if not self.is_mounted or self.query_one(Input).value != typed:
            return
        self._rows = rows
        shown = self.query_one(TextRows)
        shown.empty = "no such folder"
        words = {"take": "take", "recent": "take", "open": "open", "up": "up  "}
        shown.put(
            [
                [
                    (
                        f"{words[what]}  {printable(path)}",
                        "bold" if what in ("take", "recent") else "",
                    )
                ]
                for what, path in rows
            ]
        )

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take or open what the cursor is on."""
        event.stop()
        self.action_accept()

    def on_text_rows_clicked(self, event: TextRows.Clicked) -> None:
        """Take or open what was clicked."""
        event.stop()
        self.action_accept()

    def _under_cursor(self) -> tuple[str, str] | None:
        at = self.query_one(TextRows).cursor
        return self._rows[at] if at < len(self._rows) else None

    def action_complete(self) -> None:
        """Write the next folder that fits into the field."""
        opened = [path for what, path in self._rows if what in ("open", "recent")]
        under = self._under_cursor()
        path = under[1] if under and under[0] != "take" else (opened[0] if opened else "")
        if path:
            self._type(path)

    def action_accept(self) -> None:
        """Close with the folder, or go into it."""
        under = self._under_cursor()
        if under is None:
            return
        if under[0] in ("open", "up"):
            self._type(under[1])
        else:
            self.dismiss(under[1])

    def _type(self, path: str) -> None:
        field = self.query_one(Input)
        field.value = _with_slash(path)
        field.cursor_position = len(field.value)
        field.focus()


def rows_for(typed: str, recent: Sequence[str]) -> list[tuple[str, str]]:
    """Return (``take``, ``recent``, ``open`` or ``up``; absolute path) for what was typed so far.

    Nothing typed: the recent roots. A folder: itself to take, the one above and those in it to
    open. The beginning of a name: the folders that begin so.
    """
    if not typed.strip():
        return [("recent", path) for path in recent]
    path = os.path.abspath(os.path.expanduser(typed))  # noqa: PTH111  (~nobody stays)
    rows = [("take", path)] if os.path.isdir(path) else []  # noqa: PTH112  (NUL: False)
    whole = typed.endswith(os.sep) or not rows
    if rows and typed.endswith(os.sep):
        above = os.path.dirname(path)  # noqa: PTH120
        rows += [("open", subfolder) for subfolder in subfolders(path, "")]
        rows += [("up", above)] if above != path else []
    else:
        folder, name = os.path.split(path)
        rows += [
            ("open", subfolder)
            for subfolder in subfolders(folder, name)
            if whole or subfolder != path
        ]
    return rows


def subfolders(folder: str, beginning: str) -> list[str]:
    """Return the folders in a folder whose names begin so, hidden ones only where asked for."""
    try:
        with os.scandir(folder) as entries:
            names = [
                entry.name
                for entry in entries
                if entry.name.casefold().startswith(beginning.casefold())
                and (beginning.startswith(".") or not entry.name.startswith("."))
                and entry.is_dir()
            ]
    except (OSError, ValueError):  # ValueError: a NUL in it
        return []
    return [os.path.join(folder, name) for name in sorted(names)[:_MOST]]  # noqa: PTH118


def ask_for_model(why: str, model_name: str) -> ConfirmScreen:
    """Return the question asked where a model cannot be loaded: take the embedded one."""
    return ConfirmScreen(
        why,
        "enter goes on with the embedded model: two small ones that come as Python packages and "
        "download nothing. It knows animals, vehicles, food and landscapes, and is weak with "
        "people.\n\n"
        f"esc stays with {printable(model_name)}: photos appear without suggestions, and labels "
        "can be added with #.",
        yes="use the embedded model",
        no="go on without",
        heading="the model could not be loaded",
    )


def ask_for_labels(labels_file: str, starter: str, count: int) -> ConfirmScreen:
    """Return the question asked where there is no labels file: take the list that ships."""
    return ConfirmScreen(
        f"There is no labels file: {printable(labels_file)}",
        f"enter takes the starter list that ships with phototagger, {count:,} everyday words,\n\n"
        f"  {printable(starter)}\n\n"
        "and does not ask again for these photos. To use your own, write one label a line into a "
        "file of that name, or into another and name it with --labels FILE.",
        yes="use the starter list",
        heading="no labels",
    )


def _with_slash(path: str | os.PathLike[str]) -> str:
    return os.path.join(os.fspath(path), "")  # noqa: PTH118  (the final slash)
