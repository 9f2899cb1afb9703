"""``config.yaml`` and typed flags → Settings, or every mistake at once.

A typed flag beats the file, the file beats the default. Relative paths in a file are relative to
that file, typed ones and defaults to the current folder.
"""

from __future__ import annotations

import difflib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from phototagger.core.errors import SettingsError, printable
from phototagger.core.labels import normalise_label, read_labels
from phototagger.core.paths import restored
from phototagger.core.settings import RULES, Settings, default_of, flag_of
from phototagger.core.settings_check import Given, Misfit, checked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


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
    here = Path(folder or Path.cwd())
    mistakes: list[str] = []
    given = list(_from_file(Path(config), mistakes)) if config is not None else []
    given += _typed(typed or {}, here)
    return _settled(given, here, mistakes)


def settings_from_run(
    config: str | os.PathLike[str], typed: Mapping[str, Any]
) -> tuple[Settings, list[str]]:
    """Return the settings and labels that a run's ``config.json`` froze; typed flags beat them.

    A typed ``labels_file`` beats the frozen labels.
    """
    shown = printable(config)
    try:
        frozen = json.loads(Path(config).read_bytes())
        values, labels = (
            dict(frozen["settings"]),
            [normalise_label(one) for one in frozen["labels"]],
        )
    except OSError as error:
        raise SettingsError([f"{shown}: cannot be read: {error.strerror}"]) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError([f"{shown}: is not the config.json of a run ({error})"]) from error
    here = Path.cwd()
    mistakes = [f"{shown}: {_unknown(name)}" for name in values if name not in RULES]
    given = [
        Given(name, restored(value), f"{shown}: {name}", here)
        for name, value in values.items()
        if name in RULES
    ]
    settings = _settled([*given, *_typed(typed, here)], here, mistakes)
    return settings, read_labels(settings.labels_file) if "labels_file" in typed else labels


def _typed(typed: Mapping[str, Any], here: Path) -> list[Given]:
    return [Given(name, value, flag_of(name), here, typed=True) for name, value in typed.items()]


def _settled(given: list[Given], here: Path, mistakes: list[str]) -> Settings:
    values = {
        name: os.path.abspath(here / default_of(name))
        for name, rule in RULES.items()
        if rule.is_path and default_of(name)
    }
    for one in given:
        try:
            values[one.name] = checked(one)
        except Misfit as misfit:
            mistakes.append(f"{one.where}: {misfit}")
    if mistakes:
        raise SettingsError(mistakes)
    return Settings(**values)


def _from_file(path: Path, mistakes: list[str]) -> Iterator[Given]:
    """Yield what a YAML file gives, each with its line; note what is no setting at all."""
    shown = printable(path)
    folder = Path(os.path.abspath(path)).parent
    seen: dict[str, int] = {}
    for key_node, value_node in _pairs(path, shown, mistakes):
        name, line = str(key_node.value), key_node.start_mark.line + 1
        if name not in RULES:
            mistakes.append(f"{shown}:{line}: {_unknown(name)}")
        elif name in seen:
            mistakes.append(f"{shown}:{line}: {name}: stands in line {seen[name]} already")
        else:
            seen[name] = line
            try:
                value = yaml.SafeLoader("").construct_document(value_node)
            except (yaml.YAMLError, ValueError, TypeError) as error:
                mistakes.append(f"{shown}:{line}: {name}: {_problem(error)}")
            else:
                yield Given(name, value, f"{shown}:{line}: {name}", folder)


def _pairs(path: Path, shown: str, mistakes: list[str]) -> list[tuple[yaml.Node, yaml.Node]]:
    """Return the pairs of a YAML file's mapping, with their lines still known."""
    try:
        root = yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=yaml.SafeLoader)
    except OSError as error:
        mistakes.append(f"{shown}: cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        mistakes.append(f"{shown}: is not UTF-8 (byte {error.start}); save it as UTF-8")
    except yaml.YAMLError as error:
        mistakes.append(f"{shown}{_where(error)}: is not YAML: {_problem(error)}")
    else:
        if isinstance(root, yaml.MappingNode):
            return list(root.value)
        if root is not None:
            mistakes.append(f"{shown}:1: must be `name: value` lines")
    return []


def _where(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f":{mark.line + 1}" if mark is not None else ""


def _problem(error: Exception) -> str:
    return str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, RULES, n=1, cutoff=0.0)
    return f"{printable(name)}: no such setting; the nearest is {near[0]}"
