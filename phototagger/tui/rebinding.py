"""``keys`` of the settings → the keys in force, or every mistake in them at once."""

import difflib
import string
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from phototagger.errors import SettingsError
from phototagger.printable import printable
from phototagger.tui.keys import ACTIONS, BY_NAME, Action
from phototagger.tui.keys_said import shown_key

_NAMED = {
    "space": "space", "enter": "enter", "up": "up", "down": "down", "left": "left",
    "right": "right",
    "pageup": "pageup", "pgup": "pageup", "pagedown": "pagedown", "pgdn": "pagedown",
    "home": "home", "end": "end", "backspace": "backspace",
    "slash": "/", "question_mark": "?", "full_stop": ".", "plus": "+", "minus": "-",
}  # fmt: skip
_SAFE = frozenset(string.ascii_letters + string.digits + "/?.+-*[];#=<>")
_CONTROL = ("ctrl+r", "ctrl+p")
SAFE = (
    "letters, digits, space, enter, backspace, arrows, pageup, pagedown, home, end, "
    "/ ? . + - * [ ] ; # = < > and ctrl+r"
)
_SHOWN = 40  # characters of a wrong word that a message shows


@dataclass(frozen=True)
class Bound:
    """The table of keys with the person's own in it.

    ``keymap``: for ``App.set_keymap``, the changed actions alone.
    """

    actions: tuple[Action, ...] = ACTIONS
    changed: frozenset[str] = frozenset()

    @property
    def keymap(self) -> dict[str, str]:
        """The keys of the changed actions by their name, as Textual writes them."""
        return {
            action.name: ",".join(action.keys)
            for action in self.actions
            if action.name in self.changed
        }

    def action(self, name: str) -> Action:
        """Return an action with the keys in force."""
        return next(action for action in self.actions if action.name == name)


def rebound(keys: Mapping[str, str], where: str = "keys") -> Bound:
    """Return the table with these keys instead of the usual ones of their actions.

    Raises SettingsError (a UsageError) with every mistake: unknown actions with the nearest one,
    keys that do not arrive in every terminal, keys that two actions would share. Several keys of
    one action are divided by spaces. An action with several usual keys gives way with all but one.
    """
    mistakes: list[str] = []
    wanted: dict[str, tuple[str, ...]] = {}
    for name, text in keys.items():
        wrong = list(_wrong(name, text))
        mistakes += [f"{where}: {_short(name)}: {reason}" for reason in wrong]
        if not wrong:
            wanted[name] = tuple(dict.fromkeys(str(safe_key(word)) for word in text.split()))
    taken = {key for keys in wanted.values() for key in keys}
    actions = tuple(
        action._replace(keys=wanted[action.name])
        if action.name in wanted
        else _giving_way(action, taken)
        for action in ACTIONS
    )
    mistakes += [f"{where}: {mistake}" for mistake in _doubled(actions)]
    if mistakes:
        raise SettingsError(mistakes)
    changed = (action.name for action in actions if action.keys != BY_NAME[action.name].keys)
    return Bound(actions, frozenset(wanted) | frozenset(changed))


def safe_key(word: str) -> str | None:
    """Return a key in the table's spelling, or None where not every terminal sends it."""
    if word in _SAFE or word in _CONTROL:
        return word
    return _NAMED.get(word.lower())


def _giving_way(action: Action, taken: Collection[str]) -> Action:
    """Return an action without the usual keys that others were given, if it keeps one."""
    keys = tuple(key for key in action.keys if key not in taken)
    return action._replace(keys=keys) if keys and not action.fixed else action


def _wrong(name: str, text: str) -> Iterator[str]:
    """Yield what is wrong with one line of ``keys``."""
    action = BY_NAME.get(name)
    if action is None:
        near = difflib.get_close_matches(name.lower(), BY_NAME, n=1, cutoff=0.0)[0]
        yield f"no such action; the nearest is {near}"
    elif action.fixed:
        yield f"always has its own key, {shown_key(action.keys[0])}"
    words = text.split()
    if not words:
        yield "needs a key; the key of a blank is called space"
    for word in words:
        if safe_key(word) is None:
            yield f"{_short(word)} is no key that arrives in every terminal; take {SAFE}"


def _doubled(actions: tuple[Action, ...]) -> Iterator[str]:
    """Yield each key that more than one action would have."""
    holders: dict[str, list[str]] = {}
    for action in actions:
        for key in action.keys:
            holders.setdefault(key, []).append(action.name)
    for key, names in holders.items():
        if len(names) > 1:
            both = " and ".join(names)
            yield f"{shown_key(key)} would be the key of {both}; give one of them another key"


def _short(word: str) -> str:
    shown = printable(word)
    return shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"
