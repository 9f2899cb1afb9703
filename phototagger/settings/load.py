"""``config.yaml`` and typed flags → Settings, or every mistake at once.

A typed flag beats the file, the file beats the default. Relative paths in a file are relative to
that file, typed ones and defaults to the current folder.
"""

import codecs
import difflib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from phototagger.errors import SettingsError
from phototagger.files.atomic import line_at
from phototagger.files.named import read_named
from phototagger.printable import printable
from phototagger.settings.model import RULES, Settings, default_of, flag_of
from phototagger.settings.validate import Given, Misfit, checked

MOST_BYTES = 1_000_000  # of a configuration file


def read_settings(
    typed: Mapping[str, Any] | None = None,
    config: str | os.PathLike[str] | None = None,
    folder: str | os.PathLike[str] | None = None,
) -> Settings:
    """Return the settings of a job.

    ``typed`` maps names of settings to the values of flags (text, or lists of text, as typed);
    ``config`` is a YAML file; ``folder`` is the current folder. Raises SettingsError with every
    mistake in both.
    """
    current = Path(folder or Path.cwd())
    given = [] if config is None else list(_from_file(Path(config)))
    return _settled([*given, *_typed(typed or {}, current)], current)


def frozen_settings(values: Mapping[str, Any], where: str, typed: Mapping[str, Any]) -> Settings:
    """Return the settings that an earlier job was run with; typed flags beat them.

    ``where`` names their file in the mistakes that SettingsError says.
    """
    current = Path.cwd()
    given = [
        Given(name, value, f"{where}: {name}", current)
        if name in RULES
        else f"{where}: {_unknown(name)}"
        for name, value in values.items()
    ]
    return _settled([*given, *_typed(typed, current)], current)


def _typed(typed: Mapping[str, Any], current: Path) -> list[Given]:
    return [Given(name, value, flag_of(name), current, typed=True) for name, value in typed.items()]


def _settled(given: Iterable[Given | str], current: Path) -> Settings:
    """Return the settings that values make, or raise each mistake; a text is one already."""
    values = {
        name: os.path.abspath(current / default_of(name))
        for name, rule in RULES.items()
        if rule.is_path and default_of(name)
    }
    mistakes = []
    for entry in given:
        if isinstance(entry, str):
            mistakes.append(entry)
            continue
        try:
            values[entry.name] = checked(entry)
        except Misfit as misfit:
            mistakes.append(f"{entry.where}: {misfit}")
    if mistakes:
        raise SettingsError(mistakes)
    return Settings(**values)


def _from_file(path: Path) -> Iterator[Given | str]:
    """Yield what a YAML file gives, each with its line; a text is a mistake."""
    shown = printable(path)
    folder = Path(os.path.abspath(path)).parent
    try:
        data = read_named(path, MOST_BYTES).removeprefix(codecs.BOM_UTF8)
        root = yaml.compose(data.decode(), Loader=yaml.SafeLoader)
    except OSError as error:
        yield f"{shown}: cannot be read: {error.strerror}"
    except UnicodeDecodeError as error:
        yield f"{shown}:{line_at(data, error.start)}: is not UTF-8; save the file as UTF-8"
    except yaml.reader.ReaderError as error:
        line = line_at(data.decode()[: error.position].encode(), len(data))
        yield f"{shown}:{line}: is not YAML: {problem(error)}"
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        yield f"{shown}:{line}: is not YAML: {problem(error)}"
    except RecursionError:
        yield f"{shown}: is nested too deeply"
    else:
        if isinstance(root, yaml.MappingNode):
            yield from _values(root, shown, folder)
        elif root is not None and root.tag != "tag:yaml.org,2002:null":
            yield f"{shown}:1: must be `name: value` lines"


def _values(root: yaml.MappingNode, shown: str, folder: Path) -> Iterator[Given | str]:
    seen: dict[str, int] = {}
    for key, node in root.value:
        line = key.start_mark.line + 1
        where = f"{shown}:{line}: {key.value}"
        if not isinstance(key, yaml.ScalarNode):
            yield f"{shown}:{line}: the name of a setting must be text"
        elif key.value not in RULES:
            yield f"{shown}:{line}: {_unknown(key.value)}"
        elif key.value in seen:
            yield f"{where}: stands in line {seen[key.value]} already"
        else:
            seen[key.value] = line
            try:
                value = yaml.SafeLoader("").construct_document(node)
            except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
                yield f"{where}: {problem(error)}"
            else:
                yield Given(key.value, value, where, folder)


def problem(error: Exception) -> str:
    """Return what is wrong with a YAML text, in a line."""
    return str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, RULES, n=1, cutoff=0.0)
    return f"{printable(name)}: no such setting; the nearest is {near[0]}"
