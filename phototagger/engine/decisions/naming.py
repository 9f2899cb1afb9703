"""Renaming, merging, removing and adding labels: what each act would do, and doing it.

The labels file is never written. As long as it holds an old word, that means what the label is
called, so that a run with the old file, with the changed one and with both words does the same.
"""

import shlex
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from phototagger.core.label_tree import LabelTree
from phototagger.core.labels import LabelLine, as_new_label, normalise_label
from phototagger.errors import UsageError
from phototagger.printable import counted, printable
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.labels.custom_labels import add_word
from phototagger.store.labels.history import decide
from phototagger.store.labels.holding import labels_spoken_of
from phototagger.store.labels.names import GONE, Kind, Names, Naming, names
from phototagger.store.labels.renaming import DecisionsMoved, decided_labels, moved

__all__ = [
    "GONE",
    "Kind",
    "Naming",
    "NamingPlan",
    "before_the_tree",
    "do_naming",
    "plan_naming",
    "said_of_naming",
    "stale_lines",
]


@dataclass(frozen=True)
class NamingPlan:
    """One act that names a label, with what it does to decisions.

    ``also`` are labels that would have no word any more, although they are offered.
    """

    naming: Naming
    moved: DecisionsMoved
    also: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """What the act does, in words, with how many photos it is about."""
        return f"{_words(self.naming).does}: {self.about}"

    @property
    def question(self) -> str:
        """The question whether to do it."""
        return _words(self.naming).ask

    @property
    def about(self) -> str:
        """How many photos it is about, and what becomes of those that have both labels."""
        done = self.moved
        if not (done.approved or done.rejected):
            return "no photo was decided for it"
        counts = f"{done.approved:,} approved and {done.rejected:,} rejected"
        sentence = f"{counted(done.approved + done.rejected, 'photo')}, {counts}"
        if done.both:
            sentence += f"; {done.both:,} of them decided for {printable(self.naming.becomes)}, too"
        if done.differ:
            sentence += f", {done.differ:,} the other way: {_which_holds(done)}"
        return sentence


def _which_holds(done: DecisionsMoved) -> str:
    """Say which of two decisions that differ is kept by a merge."""
    if not done.overruled:
        return "there the approval holds"
    rejected = "a person's rejection, against auto's approval"
    if done.overruled == done.differ:
        return f"there {rejected}, holds"
    return f"there the approval holds, but on {done.overruled:,} of them {rejected}"


class _Words(NamedTuple):
    """How an act on a label is said: what it does, whether to do it, what it did."""

    does: str
    ask: str
    did: str


_WORDS = {
    Kind.RENAME: _Words("{0} is called {1}", "Rename {0} to {1}?", "renamed {0} to {1}"),
    Kind.MERGE: _Words("{0} is part of {1}", "Merge {0} into {1}?", "merged {0} into {1}"),
    Kind.REMOVE: _Words("{0} is no label any more", "Remove {0}?", "removed {0}"),
    Kind.SYNONYM: _Words("{0} means {1}", "Let {0} mean {1}?", "made {0} a synonym of {1}"),
    Kind.ADD: _Words("{0} is a label", "Add {0}?", "added {0}"),
}


def _words(naming: Naming) -> _Words:
    labels = printable(naming.label), printable(naming.becomes)
    return _Words(*(text.format(*labels) for text in _WORDS[naming.kind]))


def said_of_naming(naming: Naming) -> str:
    """Return what an act did to a label, such as ``renamed puppy to dog``."""
    return _words(naming).did


def plan_naming(
    catalogue: Catalogue,
    kind: Kind,
    label: str,
    becomes: str,
    offered: Collection[str],
    *,
    in_tree: bool = False,
) -> NamingPlan:
    """Return what naming a label would do; nothing is written.

    ``label`` and ``becomes`` are as a person wrote them; only some kinds have the second one.
    ``offered`` are the labels of the file and those added here; ``in_tree``: the file holds paths.
    Raises UsageError, with the cure, where they do not fit together.
    """
    as_path = partial(as_new_label, in_tree=in_tree and kind in {Kind.ADD, Kind.RENAME})
    is_new = kind in {Kind.ADD, Kind.SYNONYM}
    label = _normalised(label, as_path if is_new else normalise_label)
    alone = {Kind.REMOVE: GONE, Kind.ADD: label}
    becomes = alone[kind] if kind in alone else _normalised(becomes, as_path)
    current_names = names(catalogue)
    known = {*offered, *decided_labels(catalogue)}
    _CHECKS[kind](label, becomes, known, current_names)
    naming = Naming(kind, label, becomes)
    meant = current_names.label_of(label)
    left = (meant,) if kind is Kind.ADD and meant not in (label, GONE) else ()
    return NamingPlan(naming, moved(catalogue, naming), left)


def do_naming(catalogue: Catalogue, plan: NamingPlan, *, root: str, model: str = "") -> None:
    """Name a label as it was planned, as one act: on disk when this returns.

    To add a word that never meant another label is no act: ``remove`` takes it back.
    """
    naming = plan.naming
    with catalogue.transaction():
        if naming.kind is not Kind.ADD or names(catalogue).label_of(naming.label) != naming.label:
            decide(catalogue, plan.moved.edits, root=root, model=model, naming=naming)
        if naming.kind is Kind.ADD:
            for label in (*plan.also, naming.label):
                add_word(catalogue, label)


def stale_lines(
    lines: Sequence[LabelLine], now: Names, only: Collection[str] = ()
) -> Iterator[tuple[LabelLine, str]]:
    """Yield the lines of a labels file whose words are no labels any more, with what to do.

    ``only``: those that mean one of these labels, or ``GONE``.
    """
    written = {line.label for line in lines}
    for line in lines:
        label = now.label_of(line.label)
        if label == line.label or (only and label not in only and line.label not in only):
            continue
        if label == GONE:
            yield line, "remove the line: the label was removed"
        elif label in written:
            yield line, f"remove the line: it means {printable(label)}, which has one"
        else:
            yield line, f"write {printable(label)} there: it is called that"


def before_the_tree(catalogue: Catalogue, tree: LabelTree) -> Iterator[str]:
    """Yield what is said of labels that were decided by a word that means a path of a tree now."""
    if tree.is_flat:  # no word means another: of a million decided photos none needs to be read
        return
    words = {word for word in labels_spoken_of(catalogue) if tree.label_of(word) != word}
    for label in sorted(decided_labels(catalogue, words)) if words else ():
        path = tree.label_of(label)
        named = " ".join(shlex.quote(printable(word)) for word in (label, path))
        yield (
            f"{printable(label)} was decided, and is {printable(path)} in the labels file now: "
            f"`phototagger labels merge {named}` takes along what was said of it"
        )


def _normalised(text: str, form: Callable[[str], str]) -> str:
    try:
        return form(text)
    except ValueError as error:
        raise UsageError(f"{printable(text)}: {error}", "name another label") from error


def _must_be_known(label: str, known: Collection[str], current_names: Names) -> None:
    if label in known:
        return
    meant = current_names.label_of(label)
    if meant not in (label, GONE):
        raise UsageError(
            f"{printable(label)} is called {printable(meant)}",
            "name it by that, or add it anew with `phototagger labels add`",
        )
    raise UsageError(
        f"{printable(label)}: is no label, neither in the labels file nor decided on any photo",
        "`phototagger stats` lists them",
    )


def _must_be_new(label: str, known: Collection[str], cure: str) -> None:
    if label in known:
        raise UsageError(f"{printable(label)} is a label already", cure)


def _must_differ(label: str, becomes: str) -> None:
    if label == becomes:
        raise UsageError(f"{printable(label)}: is named twice", "name two labels")


def _check_rename(label: str, becomes: str, known: Collection[str], current_names: Names) -> None:
    _must_differ(label, becomes)
    _must_be_known(label, known, current_names)
    _must_be_new(becomes, known, "merge the two, or choose another name")


def _check_merge(label: str, becomes: str, known: Collection[str], current_names: Names) -> None:
    _must_differ(label, becomes)
    for word in (label, becomes):
        _must_be_known(word, known, current_names)


def _check_remove(label: str, _: str, known: Collection[str], current_names: Names) -> None:
    if label not in current_names.synonyms_of(current_names.label_of(label)):
        _must_be_known(label, known, current_names)


def _check_synonym(label: str, becomes: str, known: Collection[str], current_names: Names) -> None:
    _must_differ(label, becomes)
    _must_be_known(becomes, known, current_names)
    _must_be_new(label, known, "merge it into the other, or choose another word")
    if label in current_names.synonyms_of(becomes):
        cause = f"{printable(label)} is a synonym of {printable(becomes)} already"
        raise UsageError(cause, "choose another word")


def _check_add(label: str, _: str, known: Collection[str], current_names: Names) -> None:
    if current_names.label_of(label) == label:
        _must_be_new(label, known, "nothing is to be added")


_CHECKS = {
    Kind.RENAME: _check_rename,
    Kind.MERGE: _check_merge,
    Kind.REMOVE: _check_remove,
    Kind.SYNONYM: _check_synonym,
    Kind.ADD: _check_add,
}
