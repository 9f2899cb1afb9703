"""Every setting with its sentence, checked as it is typed."""

import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from phototagger.printable import printable
from phototagger.settings.model import RULES, AutoThreshold, Settings, SettledThreshold, default_of
from phototagger.settings.validate import AUTO, Given, Misfit, checked
from phototagger.tui.screens.dialog import Hint, ListDialog
from phototagger.tui.widgets.virtual_list import Piece, TextRows

NAMES = tuple(name for name in RULES if name != "keys")
"""The settings that can be typed here; keys belong into config.yaml."""

_NAME_WIDE = 16
_HINTS = (
    ("enter", "change", "accept"),
    ("s", "use these", "use(False)"),
    ("w", "use and save", "use(True)"),
)
_TYPING = (("enter", "take", "accept"),)


class SettingRows(TextRows):
    """The settings; tells where the cursor is."""

    class SettingPointed(Message):
        """The cursor is on another setting."""

        def __init__(self, index: int) -> None:
            self.index = index
            super().__init__()

    def move_to(self, index: int) -> bool:
        """Move the cursor, and tell."""
        moves = super().move_to(index)
        if moves:
            self.post_message(self.SettingPointed(self.cursor))
        return moves


class ChosenSettings(NamedTuple):
    """Settings to use from now on, and whether they go into the configuration file."""

    settings: Settings
    save: bool = False


class SettingsScreen(ListDialog[ChosenSettings]):
    """Shows the settings in use; returns what was chosen, or None for esc.

    What is typed is checked at every key, and taken with enter. ``file`` is where they are saved.
    A ``better_threshold`` is offered: one key takes it.
    """

    DEFAULT_CSS = """
    SettingsScreen .settings--sentence { width: 100%; height: 3; margin-top: 1; }
    SettingsScreen #value { display: none; }
    SettingsScreen .typing #value { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("enter", "accept", "change"),
        ("s", "use(False)", "use"),
        ("w", "use(True)", "save"),
        ("b", "better", "better threshold"),
    ]

    size_class = "dialog--large"

    def __init__(
        self, settings: Settings, file: str, better_threshold: float | None = None
    ) -> None:
        super().__init__()
        self._better = better_threshold
        self.hints = self._hints()
        self.heading = f"settings of this review; w saves them in {printable(file)}"
        self._before = settings
        self._values: dict[str, Any] = {name: getattr(settings, name) for name in NAMES}

    def body(self) -> Iterable[Widget]:
        """Return the list, the sentence and the field."""
        yield SettingRows(classes="dialog--list", id="settings")
        yield Static("", classes="settings--sentence", id="sentence")
        yield Input(classes="dialog--input", id="value")

    def on_mount(self) -> None:
        """Begin at the first setting, or at the one that something is offered for."""
        self._fill(0 if self._better is None else NAMES.index("threshold"))
        self.query_one(SettingRows).focus()

    @property
    def _pointed(self) -> str:
        return NAMES[self.query_one(SettingRows).cursor]

    @property
    def _typing(self) -> bool:
        return self.query_one(".dialog--box").has_class("typing")

    def _hints(self) -> tuple[Hint, ...]:
        if self._better is None:
            return _HINTS
        return (*_HINTS, ("b", f"take {as_typed(self._better)}", "better"))

    def _fill(self, cursor: int) -> None:
        rows = self.query_one(SettingRows)
        rows.put([self._row(name) for name in NAMES], cursor)
        self._say("")

    def _row(self, name: str) -> list[Piece]:
        value = self._values[name]
        changed = value != getattr(self._before, name)
        style = "bold" if changed else ""
        row: list[Piece] = [
            (f"{'*' if changed else ' '} {name:{_NAME_WIDE}}", style),
            (printable(_as_shown(value)), style or ("dim" if value == default_of(name) else "")),
        ]
        if name == "threshold" and self._better is not None:
            row.append((f"   {as_typed(self._better)} fits better: b takes it", "bold"))
        return row

    def _say(self, mistake: str) -> None:
        rule = RULES[self._pointed]
        sentence = rule.sentence.replace("`", "")
        if rule.choices:
            sentence += f" One of: {', '.join(rule.choices)}."
        if rule.low is not None and rule.high is not None:
            sentence += f" From {rule.low:g} to {rule.high:g}."
        text = Content.assemble((printable(mistake), "bold"), "\n" if mistake else "", sentence)
        self.query_one("#sentence", Static).update(text)

    def on_setting_rows_setting_pointed(self, event: SettingRows.SettingPointed) -> None:
        """Show the sentence of the setting under the cursor."""
        event.stop()
        if not self._typing:
            self._say("")

    def on_text_rows_clicked(self, event: TextRows.Clicked) -> None:
        """Change the setting that was clicked."""
        event.stop()
        self._begin()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Check what is typed so far."""
        event.stop()
        if self._typing:
            self._check(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take what was typed, if it fits."""
        event.stop()
        self.action_accept()

    def action_move(self, where: str) -> None:
        """Move the cursor of the list, unless a value is being typed."""
        if not self._typing:
            super().action_move(where)

    def action_accept(self) -> None:
        """Begin to type a value, or take it."""
        if not self._typing:
            self._begin()
            return
        value = self._check(self.query_one(Input).value)
        if value is not None:
            self._values[self._pointed] = value[0]
            self._end()

    def action_better(self) -> None:
        """Take the threshold that is offered."""
        if self._better is not None and not self._typing:
            self._values["threshold"], self._better = self._better, None
            self._end()

    def action_use(self, save: bool) -> None:  # noqa: FBT001  (as Textual calls it)
        """Close with the settings as they are now."""
        settings = dataclasses.replace(self._before, **self._values)
        self.dismiss(ChosenSettings(settings, save) if save or settings != self._before else None)

    def action_leave(self) -> None:
        """Give up what is being typed, else the dialog."""
        if self._typing:
            self._end()
        else:
            self.dismiss(None)

    def _check(self, text: str) -> tuple[Any] | None:
        """Return the value in a tuple, or say why it does not fit and return None."""
        given = Given(self._pointed, text, "here", Path.cwd(), typed=True)
        try:
            value = checked(given)
        except Misfit as misfit:
            self._say(str(misfit))
            return None
        self._say("")
        return (value,)

    def _begin(self) -> None:
        self.query_one(".dialog--box").add_class("typing")
        self.set_hints(*_TYPING)
        field = self.query_one(Input)
        field.select_on_focus = False
        field.value = as_typed(self._values[self._pointed])
        field.cursor_position = len(field.value)
        field.focus()

    def _end(self) -> None:
        self.query_one(".dialog--box").remove_class("typing")
        self.set_hints(*self._hints())
        rows = self.query_one(SettingRows)
        self._fill(rows.cursor)
        rows.focus()


def _as_shown(value: Any) -> str:
    """Return a setting's value as it stands in the list."""
    settled = f" ({float(value):g})" if isinstance(value, SettledThreshold) else ""
    return as_typed(value) + settled


def as_typed(value: Any) -> str:
    """Return a setting's value as one would type it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, AutoThreshold):
        return AUTO
    if isinstance(value, tuple):
        return " | ".join(value)
    return f"{value:g}" if isinstance(value, float) else str(value)
