"""How the table of keys is said to people: signs, keys as they read them, rows, the tables of docs.

Without Textual, as the table itself.
"""

from collections.abc import Iterable

from phototagger.tui.contexts import CONTEXTS, LETTER_KEYS, actions_in
from phototagger.tui.keys import ACTIONS, DIGITS, Action

SIGNS = (
    ("■ □", "checked, not checked"),
    ("✓ ┃", "a photo that is approved; in the labels: approved before"),
    ("✗", "a label that was rejected before"),
    ("\u2013 │", "a photo that was decided without a label"),
    ("✎ ╏", "checks that you changed and did not approve yet"),
    ("⚙ ┋", "approved by auto, not by a person: a photo, or a label"),
    ("≈", "decided, and its sidecar says something else: w writes it"),
    (
        "¶",
        "the photo or its sidecar has it as a keyword: a label, and below, others; E checks them",
    ),
    ("!", "a photo that failed, and why"),
    ("…", "a photo without suggestions yet"),
    ("+", "a photo that is marked, or in the range that is open"),
    ("72", "how sure the label is, 0 to 99; from 50 on it is checked"),
    ("~46", "nothing was learned of it yet: its cosine, put so that the threshold is 50"),
    ("↑ ↓", "your decisions lifted it over the line, or below it"),
    ("12/340", "undecided photos of all in a folder"),
)
"""The signs of the review, with what they say."""

_SHOWN = {
    "left": "←",
    "down": "↓",
    "up": "↑",
    "right": "→",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "escape": "esc",
}


def shown_key(key: str) -> str:
    """Return a key as people read it."""
    return _SHOWN.get(key, key)


def no_key(key: str, helping: str = "?") -> str:
    """Say of a key that nothing was given to it; ``helping`` is the key that shows all keys.

    A letter of another script is most likely a key that means something in Latin letters.
    """
    why = f"{shown_key(helping)} shows the keys" if key.isascii() else "another keyboard layout?"
    return f"{key} is no key here ({why})"


def shown_keys(action: Action) -> str:
    """Return an action's keys as people read them, such as ``a enter``."""
    return " ".join(shown_key(key) for key in action.keys)


def rows_of(actions: Iterable[Action]) -> list[tuple[str, str, str, str]]:
    """Return (group, keys, name, sentence) of each action; the nine digits share one row."""
    rows = []
    digits = [action for action in actions if action.name.startswith("toggle_")]
    for action in actions:
        if action not in digits:
            rows.append((action.group, shown_keys(action), action.name, action.sentence))
        elif action is digits[0]:
            keys = [shown_keys(digit) for digit in digits]
            plain = "".join(keys) == DIGITS
            shown = "1 … 9" if plain else " ".join(keys)
            sentence = "Check or uncheck one of the first nine labels."
            rows.append((action.group, shown, "toggle_1 … toggle_9", sentence))
    return rows


def key_table_markdown() -> str:
    """Return the tables of keys of docs/review.md, one for each context.

    Only of letter keys it says what else they leave as it is: elsewhere most keys are the same.
    """
    parts = [_markdown(rows_of(ACTIONS))]
    for context in CONTEXTS[1:]:
        actions = actions_in(context) if context is LETTER_KEYS else context.own
        parts.append(f"\n**{context.name.capitalize()}**\n\n{_markdown(rows_of(actions))}")
    return "".join(parts)


def _markdown(rows: Iterable[tuple[str, str, str, str]]) -> str:
    lines = ["| key | does | action |", "|---|---|---|"]
    for _, keys, name, sentence in rows:
        code = " ".join(part if part == "…" else f"`{part}`" for part in keys.split())
        names = " … ".join(f"`{part}`" for part in name.split(" … "))
        lines.append(f"| {code} | {sentence} | {names} |")
    return "\n".join(lines) + "\n"
