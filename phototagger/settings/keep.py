"""Settings that a person changed → their ``config.yaml``, of which all else stays as it is."""

import os
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from phototagger.errors import SettingsError
from phototagger.files.atomic import write_atomically
from phototagger.files.named import read_named
from phototagger.printable import printable
from phototagger.settings.load import MOST_BYTES, problem
from phototagger.settings.model import PLACEHOLDER_ROOT, RULES, AutoThreshold, Settings
from phototagger.settings.validate import AUTO

CONFIG = "config.yaml"
"""The configuration file that is read where it lies in the current folder."""

_HEAD = """# Settings of phototagger. A flag on the command line beats this file; this file beats
# the default. Relative paths count from the folder this file lies in.
"""
_PLAIN = re.compile(r"[\w./-]+")
_QUOTES = (None, "'", '"')


class ConfigFile:
    """A configuration file, and the settings that it and the typed flags gave.

    What differs from these was changed since, and is what ``save`` writes.
    """

    def __init__(self, path: str | os.PathLike[str], given: Settings) -> None:
        # A link stays one: what it leads to is written.
        self.path = Path(os.path.realpath(path))
        self._given = given

    @property
    def is_there(self) -> bool:
        """Whether there is such a file; else ``save`` makes one."""
        return self.path.exists()

    def changed(self, settings: Settings) -> dict[str, Any]:
        """Return the settings that were changed, as a file says them."""
        now, before = _as_said(settings), _as_said(self._given)
        changed = {name: value for name, value in now.items() if value != before[name]}
        if changed.get("root") == "":
            changed["root"] = PLACEHOLDER_ROOT
        return changed

    def save(self, settings: Settings) -> str:
        """Write what was changed into the file; return what was done, for a person.

        Raises SettingsError where the file is not YAML, or does not let a value be replaced;
        OSError where it cannot be read or written. It is then as it was.
        """
        changes, shown = self.changed(settings), printable(self.path)
        if not changes:
            return f"nothing to save: {shown} and the flags say all of it"
        data, mode = b"", None
        if self.is_there:
            data, mode = read_named(self.path, MOST_BYTES), stat.S_IMODE(self.path.stat().st_mode)
        try:
            text = data.decode()
            updated = with_values(text, changes) if text else _HEAD + with_values("", changes)
        except (ValueError, yaml.YAMLError, RecursionError) as error:
            what = "; ".join(f"{name}: {written(value)}" for name, value in changes.items())
            raise SettingsError(
                [f"{shown}: was left as it is ({problem(error)}); write there yourself: {what}"]
            ) from error
        with write_atomically(self.path) as file:
            if mode is not None:
                os.fchmod(file.fileno(), mode)
            file.write(updated.encode())
        self._given = settings
        return f"saved {', '.join(changes)} in {shown}"


class _ValuePlace(NamedTuple):
    """Where the value of a setting stands in a text, and how its text is quoted."""

    start: int
    end: int
    quote: str | None


def _as_said(settings: Settings) -> dict[str, Any]:
    """Return settings as a file says them: a threshold that settles itself is no number."""
    values = settings.frozen()
    if isinstance(settings.threshold, AutoThreshold):
        values["threshold"] = AUTO
    return values


def with_values(text: str, changes: Mapping[str, Any]) -> str:
    """Return a YAML text with other values of some settings; new ones come at its end.

    All else stays as it is: comments, order, blank lines, quotes, line ends. Raises ValueError
    where that cannot be done, yaml.YAMLError where the text is not YAML.
    """
    before = yaml.safe_load(text) or {}
    if not isinstance(before, dict):
        raise ValueError("it holds no `name: value` lines")  # noqa: TRY004  (of a text)
    changes = {name: value for name, value in changes.items() if before.get(name) != value}
    places = dict(_places(text))
    parts, at = [], 0
    for name, place in sorted(places.items(), key=lambda item: item[1]):
        if name in changes:
            old = text[place.start : place.end]
            if " #" in old and "\n" in old:
                raise ValueError(f"a comment would go with the value of {name}")
            # A name may stand without a value, or above it.
            is_bare = place.start == place.end or text[place.start - 1] in "\r\n"
            parts += [text[at : place.start], " " * is_bare, written(changes[name], place.quote)]
            at = place.end
    parts.append(text[at:])
    updated = "".join(parts)
    missing = {name: value for name, value in changes.items() if name not in places}
    if missing:
        end = "\r\n" if "\r\n" in text else "\n"
        updated += "" if not updated or updated.endswith(("\n", "\r")) else end
        for name, value in missing.items():
            updated += f"{end}# {RULES[name].sentence}{end}{name}: {written(value)}{end}"
    if (yaml.safe_load(updated) or {}) != {**before, **changes}:
        raise ValueError("its values do not let themselves be replaced")
    return updated


def written(value: Any, quote: str | None = '"') -> str:
    """Return a setting's value as YAML, in one line; a text in these quotes, where it can be."""
    if isinstance(value, str | list):
        quote = quote if quote or _PLAIN.fullmatch(str(value)) else '"'
        text = yaml.safe_dump(
            value, default_style=quote, default_flow_style=True, allow_unicode=True, width=2**30
        )
    else:
        text = yaml.safe_dump(value, default_flow_style=True)
    return str(text).removesuffix("\n").removesuffix("\n...")


def _places(text: str) -> Iterator[tuple[str, _ValuePlace]]:
    """Yield the names of a mapping with the places of their values.

    From events, not nodes: those of an alias lie where its anchor is.
    """
    depth, start, end = 0, -1, -1
    name = quote = None
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        first, last = _at(event.start_mark), _at(event.end_mark)
        if isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
            end = last if first != last else end  # a block ends where the next name begins
        elif isinstance(event, yaml.NodeEvent):
            if depth == 1 and name is None:
                name, start = getattr(event, "value", ""), -1
                continue
            if start < 0:
                start, quote = first, getattr(event, "style", None)
            end = last
            depth += isinstance(event, yaml.CollectionStartEvent)
        if depth == 1 and name is not None and start >= 0:
            end = start + len(text[start:end].rstrip())  # a block takes the lines below it
            yield name, _ValuePlace(start, end, quote if quote in _QUOTES else '"')
            name, start = None, -1


def _at(mark: Any) -> int:
    """Return the place of a mark of YAML's, which one of two classes makes."""
    return int(mark.index)
