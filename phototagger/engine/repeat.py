"""A run's ``config.json`` → its settings and labels again."""

import json
import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from phototagger.core.label_tree import LabelTree
from phototagger.core.labels import normalise_label, read_labels, spelled
from phototagger.engine.library.tree import tree_of
from phototagger.errors import SettingsError
from phototagger.files.named import read_named
from phototagger.files.paths import restored
from phototagger.printable import printable
from phototagger.settings.load import frozen_settings
from phototagger.settings.model import Settings
from phototagger.store.runs import MOST_FROZEN

_CURE = "name the config.json of a run with --from"


class GivenLabels(NamedTuple):
    """Labels in place of a labels file, and their tree; None: what the labels file says of them."""

    labels: list[str]
    tree: LabelTree | None


def settings_from_run(
    config: str | os.PathLike[str], typed: Mapping[str, Any]
) -> tuple[Settings, GivenLabels]:
    """Return the settings and labels that a run's ``config.json`` froze; typed flags beat them.

    A typed ``labels_file`` beats the frozen labels.
    """
    shown = printable(config)
    try:
        frozen = json.loads(read_named(config, MOST_FROZEN))
        values = {name: restored(value) for name, value in dict(frozen["settings"]).items()}
        labels = _frozen_labels(frozen["labels"])
        tree = (
            _frozen_tree(frozen["tree"], frozen.get("spelling", {})) if "tree" in frozen else None
        )
    except OSError as error:
        raise SettingsError([f"{shown}: cannot be read: {error.strerror}"], _CURE) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SettingsError(
            [f"{shown}: is not the config.json of a run ({error})"], _CURE
        ) from error
    settings = frozen_settings(values, shown, typed)
    if "labels_file" in typed:
        file = settings.labels_file
        return settings, GivenLabels(read_labels(file), tree_of(settings))
    return settings, GivenLabels(labels, tree)


def _frozen_labels(labels: object) -> list[str]:
    """Return the labels of a run. Raises ValueError where they are no list of labels."""
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise ValueError("its labels are no list of texts")
    if not labels:
        raise ValueError("it has no labels; name some with --labels")
    return list(dict.fromkeys(map(normalise_label, labels)))


def _frozen_tree(tree: object, spelling: Mapping[str, str]) -> LabelTree:
    """Return the tree of a run, flat where it had none. Raises ValueError where it is no tree."""
    written = {normalise_label(label): spelled(text) for label, text in dict(spelling).items()}
    if tree is None:
        return LabelTree(None, written)
    if not isinstance(tree, dict) or not all(isinstance(words, list) for words in tree.values()):
        raise ValueError("its tree is no table of labels and synonyms")
    return LabelTree(
        {normalise_label(label): tuple(map(normalise_label, tree[label])) for label in tree},
        written,
    )
