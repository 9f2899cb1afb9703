"""One value somebody gave → the setting's own type, within its bounds; or why not."""

import difflib
import os
import re
import reprlib
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from phototagger.printable import printable
from phototagger.settings.model import PLACEHOLDER_ROOT, RULES, AutoThreshold, Rule, default_of

AUTO = "auto"
"""The threshold that is settled for library and model, as it is written."""

Number = TypeVar("Number", int, float)

_SHOWN = 80  # characters of a wrong value that a message shows
_SHORT = reprlib.Repr()  # a few lines of YAML can spell a list of billions
_SHORT.maxstring = _SHORT.maxother = 2 * _SHOWN


@dataclass(frozen=True)
class Given:
    """A value somebody gave to a setting, with the place to name when it is wrong."""

    name: str
    value: Any
    where: str
    base: Path
    typed: bool = False


class Misfit(ValueError):  # noqa: N818
    """A value does not fit its setting; the message says how."""


def checked(given: Given) -> Any:
    """Return the value in the setting's own type and bounds."""
    rule, default = RULES[given.name], default_of(given.name)
    if given.name in _OF_MANY:
        return _OF_MANY[given.name](given.value)
    return _BY_TYPE.get(type(default), _text)(given, rule)


def _yes_or_no(given: Given, _: Rule) -> bool:
    value = given.value
    if given.typed and value in ("true", "false"):
        return bool(value == "true")
    if not isinstance(value, bool):
        raise Misfit(f"must be true or false, not {_shortened(value)}")
    return value


def _whole(given: Given, rule: Rule) -> int:
    value = given.value
    if given.typed and isinstance(value, str):
        try:
            value = int(value)
        except ValueError:
            raise Misfit(f"must be a whole number, not {_shortened(value)}") from None
    if isinstance(value, bool) or not isinstance(value, int):
        raise Misfit(f"must be a whole number, not {_shortened(value)}")
    return _bounded(value, rule)


def _number(given: Given, rule: Rule) -> float:
    value = given.value
    if given.name == "threshold" and value == AUTO:
        return AutoThreshold(default_of("threshold"))
    if given.typed and isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            raise Misfit(f"must be a number, not {_shortened(value)}") from None
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # noqa: PLR0124  (nan)
        raise Misfit(f"must be a number, not {_shortened(value)}")
    return float(_bounded(value, rule))


def _bounded(value: Number, rule: Rule) -> Number:
    if rule.low is not None and value < rule.low:
        raise Misfit(f"must be at least {rule.low:g}, not {_number_said(value)}")
    if rule.high is not None and value > rule.high:
        raise Misfit(f"must be at most {rule.high:g}, not {_number_said(value)}")
    return value


def _number_said(value: float) -> str:
    """Return a number as it was written: 2 for 2.0."""
    return _shortened(int(value) if isinstance(value, float) and value.is_integer() else value)


def _text(given: Given, rule: Rule) -> str:
    value = given.value
    if not isinstance(value, str):
        raise Misfit(f"must be text, not {_shortened(value)}")
    if "\0" in value:
        raise Misfit("must not hold a NUL character")
    try:
        os.fsencode(value)
    except UnicodeEncodeError:
        raise Misfit("holds a character that no path can hold") from None
    if not value and not rule.may_be_empty:
        raise Misfit("must not be empty")
    if rule.choices:
        _check_choice(value, rule)
    if given.name == "device":
        return _device(value)
    if rule.is_path and value and value != PLACEHOLDER_ROOT:
        return _absolute(value, given.base)
    if given.name == "pretrained":
        return _pretrained(value, given)
    return "" if given.name == "root" and value == PLACEHOLDER_ROOT else value


def _check_choice(value: str, rule: Rule) -> None:
    if value not in rule.choices:
        near = difflib.get_close_matches(value, rule.choices, n=1, cutoff=0.0)
        listed = ", ".join(rule.choices)
        raise Misfit(f"must be one of {listed}; {_shortened(value)} is nearest to {near[0]}")


def _choices(given: Given, rule: Rule) -> tuple[str, ...]:
    """Return some of a setting's choices, in their order."""
    names = _names(given.value)
    if not names:
        raise Misfit("must not be empty")
    for name in names:
        _check_choice(name, rule)
    return tuple(choice for choice in rule.choices if choice in names)


_BY_TYPE: Mapping[type, Callable[[Given, Rule], Any]] = {
    bool: _yes_or_no, int: _whole, float: _number, tuple: _choices,
}  # fmt: skip
"""What checks a value, by the type of its setting's default; of others it is text."""


def _device(value: str) -> str:
    kind, _, number = value.partition(":")
    numbered = kind == "cuda" and number.isascii() and number.isdecimal()
    if numbered or value in ("auto", "cpu", "cuda"):
        return value
    raise Misfit(f"must be auto, cpu, cuda or cuda:N, not {_shortened(value)}")


def _pretrained(value: str, given: Given) -> str:
    """Return a tag as it is, and a path absolute: what holds a slash, or names a file."""
    path = _absolute(value, given.base)
    return path if os.sep in value or os.path.isfile(path) else value  # noqa: PTH113  (any text)


def _absolute(value: str, base: Path) -> str:
    """Return a path absolute; ``~`` is the person's home, as in a shell."""
    path = os.path.abspath(base / os.path.expanduser(value))  # noqa: PTH111  (~nobody stays)
    return os.sep + path.lstrip(os.sep)  # POSIX keeps two slashes at the start


def _prompt(value: Any) -> str | tuple[str, ...]:
    prompts = [value] if isinstance(value, str) else value
    if not isinstance(prompts, list | tuple) or not prompts:
        raise Misfit(f"must be text or a list of texts, not {_shortened(value)}")
    for prompt in prompts:
        if not isinstance(prompt, str) or not _fits(prompt):
            raise Misfit(f"must hold {{}} exactly once, for the label, not {_shortened(prompt)}")
        _check_text(prompt)
    return prompts[0] if len(prompts) == 1 else tuple(prompts)


def _names(value: Any) -> tuple[str, ...]:
    names = re.findall(r"[^\s,|]+", value) if isinstance(value, str) else value
    if not isinstance(names, list | tuple):
        raise Misfit(f"must be a list of names, not {_shortened(value)}")
    for name in names:
        if not isinstance(name, str) or not name:
            raise Misfit(f"must be a list of names; {_shortened(name)} is none")
        _check_text(name)
    return tuple(dict.fromkeys(names))


def _fits(prompt: str) -> bool:
    try:
        fields = [
            name
            for _, name, spec, how in string.Formatter().parse(prompt)
            if name is not None and not spec and not how
        ]
        return fields == [""] and "label" in prompt.format("label")
    except (ValueError, IndexError, KeyError):
        return False


def _keys(value: Any) -> dict[str, str]:
    if isinstance(value, list | tuple):  # --keys approve=enter, once for each
        pairs = [str(entry).partition("=") for entry in value]
        if any(not (action and sep and key) for action, sep, key in pairs):
            raise Misfit("must be ACTION=KEY")
        value = {action: key for action, _, key in pairs}
    if not isinstance(value, dict):
        raise Misfit(f"must be `action: key` lines, not {_shortened(value)}")
    for action, key in value.items():
        if not (isinstance(action, str) and isinstance(key, str) and action and key):
            pair = f"{_shortened(action)}: {_shortened(key)}"
            raise Misfit(f"must be `action: key` lines of text, not {pair}")
        _check_text(action + key)
    return dict(value)


_OF_MANY = {"prompt": _prompt, "keys": _keys, "discover": _names}
"""The settings that hold several values."""


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Misfit("holds a character that is no text") from None


def _shortened(value: Any) -> str:
    """Return a wrong value as a message can show it, in one line that is not too long."""
    try:
        text = printable(_SHORT.repr(value))
    except ValueError:
        return "a number of thousands of digits"
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
