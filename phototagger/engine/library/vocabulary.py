"""The labels of a run_dir: those of the labels file and those added here, as they are called."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from phototagger.core.labels import read_label_lines
from phototagger.engine.decisions.naming import (
    GONE,
    Kind,
    NamingPlan,
    do_naming,
    plan_naming,
    stale_lines,
)
from phototagger.engine.run_dir import opened_catalogue
from phototagger.errors import LabelsError
from phototagger.store.labels.custom_labels import with_words
from phototagger.store.labels.history import last_root
from phototagger.store.labels.names import names

if TYPE_CHECKING:
    from phototagger.core.labels import LabelLine
    from phototagger.settings.model import Settings


class Named(NamedTuple):
    """What was done to a label, and which lines of the labels file are out of date for it."""

    plan: NamingPlan
    stale: list[tuple[LabelLine, str]]
    is_act: bool


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
    Raises UsageError where the labels do not fit together.
    """
    try:
        lines = read_label_lines(settings.labels_file)
    except LabelsError:  # what is decided can be named without the file
        lines = []
    with opened_catalogue(settings.run_dir, writable=not dry_run, force=force) as catalogue:
        offered = with_words(catalogue, [line.label for line in lines])
        plan = plan_naming(catalogue, kind, label, becomes, offered)
        before = names(catalogue)
        if not dry_run:
            where = root or last_root(catalogue) or os.path.abspath(settings.run_dir)
            do_naming(catalogue, plan, root=where)
        naming = plan.naming
        is_act = kind is not Kind.ADD or before.label_of(naming.label) != naming.label
        after = before.with_one(naming)
    only = {naming.label, naming.becomes} - {GONE} if kind is not Kind.REMOVE else {naming.label}
    return Named(plan, list(stale_lines(lines, after, only)), is_act)
