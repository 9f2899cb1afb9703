"""The labels of a run_dir: those of the labels file and those added here, as they are called."""

import difflib
import os
import shlex
from collections.abc import Collection, Sequence
from typing import NamedTuple

from phototagger.core.label_tree import SEPARATOR, LabelTree
from phototagger.core.labels import LabelLine, normalise_label, read_label_lines, read_labels
from phototagger.engine.decisions.naming import (
    GONE,
    Kind,
    NamingPlan,
    do_naming,
    plan_naming,
    stale_lines,
)
from phototagger.engine.library.tree import tree_of
from phototagger.engine.run_dir import opened_catalogue, roots_used_with
from phototagger.errors import LabelsError, UsageError
from phototagger.printable import printable
from phototagger.settings.model import Settings
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.labels.custom_labels import with_words
from phototagger.store.labels.history import last_root
from phototagger.store.labels.names import Names, names
from phototagger.store.labels.renaming import decided_labels


class Named(NamedTuple):
    """What was done to a label, and which lines of the labels file are out of date for it."""

    plan: NamingPlan
    stale: list[tuple[LabelLine, str]]
    is_act: bool


def labels_of_file(settings: Settings) -> list[str]:
    """Return the words of the labels file; none where it cannot be read."""
    try:
        return read_labels(settings.labels_file)
    except LabelsError:
        return []


def all_labels(catalogue: Catalogue, written: Sequence[str]) -> list[str]:
    """Return the labels that a file's words mean, followed by those that were added."""
    return with_words(catalogue, list(written))


def known_words(catalogue: Catalogue, written: Sequence[str]) -> set[str]:
    """Return every word that means a label: of the file, added, decided, or a synonym."""
    current_names = names(catalogue)
    labels = {*with_words(catalogue, list(written)), *decided_labels(catalogue)}
    return {
        *written,
        *labels,
        *(word for label in labels for word in current_names.synonyms_of(label)),
    }


def check_known(catalogue: Catalogue, labels: Sequence[str], written: Sequence[str]) -> None:
    """Refuse labels that no word means; where no word is known at all, every label is as good.

    ``written`` are the words of the labels file. Raises UsageError, naming the nearest ones.
    """
    known, current_names = known_words(catalogue, written), names(catalogue)
    for label in labels if known else ():
        if label in known or current_names.label_of(label) in known:
            continue
        near = " or ".join(map(printable, difflib.get_close_matches(label, known, n=3)))
        raise UsageError(
            f"{printable(label)}: is no label of the labels file, was not added and never approved",
            f"{f'write {near}, or ' if near else ''}make it one: "
            f"phototagger labels add {shlex.quote(printable(label))}",
        )


def root_used_last(run_dir: str) -> str | None:
    """Return the root that is meant where none is named; None where a run_dir knows none.

    It is the only one that this user used with the run_dir; of several that of the last act there,
    or where nothing was decided the one that was used last.
    """
    used = roots_used_with(run_dir)
    if len(used) == 1:
        return used[0]
    with opened_catalogue(run_dir) as catalogue:
        return last_root(catalogue) or next(reversed(used), None)


def name_in(
    settings: Settings,
    kind: Kind,
    label: str,
    becomes: str,
    *,
    root: str | None,
    dry_run: bool = False,
    force: bool = False,
) -> Named:
    """Name a label of a run_dir; with ``dry_run`` nothing is written.

    The act is one of ``root``, where it is to be undone: without one, of the root decided last.
    In a tree a label is named by its last level, too, where no other has it: renamed by that, it
    stays where it is. Raises UsageError where the labels do not fit together.
    """
    try:
        lines = read_label_lines(settings.labels_file)
    except LabelsError:  # what was decided can be named without the file
        lines = []
    with opened_catalogue(settings.run_dir, writable=not dry_run, force=force) as catalogue:
        offered = with_words(catalogue, [line.label for line in lines])
        current_names, tree = names(catalogue), tree_of(settings)
        if kind is not Kind.ADD and not tree.is_flat:
            known = {*offered, *decided_labels(catalogue)}
            if kind is not Kind.SYNONYM:
                typed, label = label, _in_tree(label, known, current_names, tree)
                *above, _ = tree.levels(label)
                if kind is Kind.RENAME and SEPARATOR not in typed + becomes:
                    becomes = SEPARATOR.join([*above, becomes])
            if kind is not Kind.RENAME:
                becomes = _in_tree(becomes, known, current_names, tree)
        plan = plan_naming(catalogue, kind, label, becomes, offered, in_tree=not tree.is_flat)
        if not dry_run:
            where = root or last_root(catalogue) or os.path.abspath(settings.run_dir)
            do_naming(catalogue, plan, root=where)
        naming = plan.naming
        is_act = kind is not Kind.ADD or current_names.label_of(naming.label) != naming.label
        names_after = current_names.with_one(naming)
    only = {naming.label, naming.becomes} - {GONE} if kind is not Kind.REMOVE else {naming.label}
    return Named(plan, list(stale_lines(lines, names_after, only)), is_act)


def _in_tree(word: str, known: Collection[str], current_names: Names, tree: LabelTree) -> str:
    """Return the label of a tree that a word means: itself, or the one whose last level it is.

    Raises UsageError where it is the last level of several.
    """
    try:
        word = normalise_label(word)
    except ValueError:
        return word  # is told where it is used
    if word in known or current_names.label_of(word) != word:
        return word
    meant = sorted(label for label in known if word in tree.words(label))
    if len(meant) > 1:
        raise UsageError(
            f"{printable(word)}: means {' and '.join(map(printable, meant))}",
            f"write the whole path: {shlex.quote(printable(meant[0]))}",
        )
    return meant[0] if meant else word
