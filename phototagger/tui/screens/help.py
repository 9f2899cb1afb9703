"""Every key and sign of the review, made from the one table."""

from collections.abc import Iterable

from textual import events
from textual.widget import Widget

from phototagger.tui.bindings import typed_key
from phototagger.tui.contexts import CONTEXTS, PHOTOS, Context, actions_in
from phototagger.tui.keys_said import SIGNS, rows_of
from phototagger.tui.rebinding import Bound
from phototagger.tui.screens.dialog import Dialog
from phototagger.tui.widgets.virtual_list import Piece, TextRows

_KEYS_WIDE = 12


class HelpScreen(Dialog[None]):
    """Lists what can be done; scrolls by every key that moves."""

    heading = "help"
    hints = (("↑ ↓ PgUp PgDn", "scroll", ""),)
    size_class = "dialog--large"

    def __init__(self, bound: Bound | None = None, context: Context = PHOTOS) -> None:
        super().__init__()
        self._bound = bound or Bound()
        self._of = context
        if context is not PHOTOS:
            self.heading = f"help · {context.name}"
        self._wide = 0

    def body(self) -> Iterable[Widget]:
        """Return the list."""
        rows = TextRows(classes="dialog--list", id="help")
        rows.has_cursor = False
        yield rows

    def on_mount(self) -> None:
        """Let the arrows move the list at once."""
        self.query_one(TextRows).focus()

    def on_key(self, event: events.Key) -> None:
        """Leave by the key that opened it, and by ``q``, as other screens are left."""
        if typed_key(event) in {"q", "?", *self._bound.action("help").keys}:
            event.stop()
            self.action_leave()

    def on_resize(self) -> None:
        """Wrap the sentences to the width there is."""
        self.call_after_refresh(self._fill)

    def _fill(self) -> None:
        rows = self.query_one(TextRows)
        width = rows.scrollable_content_region.width - 2
        if width > 0 and width != self._wide:
            self._wide = width
            rows.put(help_rows(self._bound, width, self._of))


def help_rows(bound: Bound, width: int, context: Context = PHOTOS) -> list[list[Piece]]:
    """Return the lines of the help of a context, at most ``width`` cells wide.

    The help of the photos goes on with the keys that other contexts have of their own.
    """
    from textwrap import wrap

    rows: list[list[Piece]] = []

    def add(left: str, sentence: str) -> None:
        lines = wrap(sentence, max(width - _KEYS_WIDE, 20)) or [""]
        rows.append([(f"{left:<{_KEYS_WIDE - 1}} ", "bold"), (lines[0], "")])
        rows.extend([(" " * _KEYS_WIDE + line, "")] for line in lines[1:])

    other_contexts = CONTEXTS[1:] if context is PHOTOS else ()
    own = [action for other in other_contexts for action in other.own]
    actions = [*actions_in(context, bound.actions), *own]
    groups: dict[str, list[tuple[str, str]]] = {}
    for group, keys, _, sentence in rows_of(actions):
        groups.setdefault(group, []).append((keys, sentence))
    for group, members in groups.items():
        rows += [[(group.upper(), "mark bold")]]
        for keys, sentence in members:
            add(keys, sentence)
        rows.append([])
    rows += [[("SIGNS", "mark bold")]]
    for sign, meaning in SIGNS:
        add(sign, meaning)
    return rows
