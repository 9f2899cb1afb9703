"""Whose keyword is it: what was last written, what is on disk, what is wanted → what to change.

Pure functions over the three keyword lists that photo programs read. Two keywords are the same
where they are equal but for case, Unicode form (NFC) and white space; a keyword that is already
there in any such spelling, or as a level of a hierarchical one, counts as there and is not ours.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from enum import StrEnum
from typing import NamedTuple

from phototagger.errors import RefusedSidecar

LEVELS = "\x1f"
"""What divides the levels of a label, as no letter of it can (the unit separator of ASCII)."""


class Field(StrEnum):
    """A keyword list of XMP; the value is its name with the customary prefix."""

    SUBJECT = "dc:subject"
    HIERARCHY = "lr:hierarchicalSubject"
    TAGS = "digiKam:TagsList"

    @property
    def separator(self) -> str:
        """What divides the levels of one entry; empty where entries have none."""
        return {Field.SUBJECT: "", Field.HIERARCHY: "|", Field.TAGS: "/"}[self]


Keywords = Mapping[Field, tuple[str, ...]]
"""The entries of each list, in the order of the file; a list that is missing or empty is absent."""


@dataclass(frozen=True)
class Owned:
    """The entries that phototagger itself added to each list of one sidecar, exactly as written.

    ``made_hierarchy``: there was no ``lr:hierarchicalSubject`` before ours, so it mirrors
    ``dc:subject`` and goes with our last label.
    """

    subject: tuple[str, ...] = ()
    hierarchy: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    made_hierarchy: bool = False

    def still_on(self, disk: Keywords) -> Owned:
        """Return what of this is still ours, with these lists on disk."""
        return Owned(
            tuple(_still_ours(disk.get(Field.SUBJECT, ()), self.subject)),
            tuple(_still_ours(disk.get(Field.HIERARCHY, ()), self.hierarchy)),
            tuple(_still_ours(disk.get(Field.TAGS, ()), self.tags)),
            self.made_hierarchy and Field.HIERARCHY in disk,
        )


class KeywordEdit(NamedTuple):
    """What to take from one list and what to add at its end."""

    removed: tuple[str, ...]
    added: tuple[str, ...]

    def of(self, entries: Sequence[str]) -> tuple[str, ...]:
        """Return the entries after this edit."""
        return (*(entry for entry in entries if entry not in self.removed), *self.added)


@dataclass(frozen=True)
class Merge:
    """The outcome of a three-way merge for one sidecar: what to change, and what is then ours."""

    owned: Owned
    edits: Mapping[Field, KeywordEdit] = dataclass_field(default_factory=dict)

    def of(self, keywords: Keywords) -> dict[Field, tuple[str, ...]]:
        """Return the lists after these edits; a list left empty is absent."""
        nothing = KeywordEdit((), ())
        after = {name: self.edits.get(name, nothing).of(keywords.get(name, ())) for name in Field}
        return {name: entries for name, entries in after.items() if entries}


def same(keyword: str) -> str:
    """Return the form in which two spellings of one keyword are equal."""
    plain = unicodedata.normalize("NFC", " ".join(keyword.split()))
    return unicodedata.normalize("NFC", plain.casefold())


def check_label(label: str) -> None:
    """Raise ``RefusedSidecar`` for a label that a sidecar cannot hold exactly."""
    if not label.strip():
        raise RefusedSidecar("a label is empty")
    if "|" in label:
        raise RefusedSidecar(f"label {label!r} holds |, which divides levels of keywords")
    for char in label.replace(LEVELS, ""):
        if not fits_xml(char):
            raise RefusedSidecar(f"label {label!r} holds {char!r}, which XML cannot keep")


def fits_xml(char: str) -> bool:
    """Say whether XML 1.0 (section 2.2) keeps this character as it is; a bare CR it does not."""
    code = ord(char)
    if code < 0x20:  # noqa: PLR2004  (the control characters)
        return char in "\t\n"
    return not (0xD800 <= code <= 0xDFFF or code in {0xFFFE, 0xFFFF})  # noqa: PLR2004


def merge(disk: Keywords, owned: Owned, wanted: Iterable[str]) -> Merge:
    """Return the edits that make ``disk`` hold every wanted label and none of ours beyond them.

    An entry is still ours only where it is on disk exactly as we wrote it, once: a second equal
    one was added by somebody else. A label of ours that somebody removed and that is still wanted
    is added again. A label may be a path, its levels apart by ``LEVELS``: its last
    one stands in ``dc:subject``, the whole path in the other lists.
    """
    labels = list({same(label): label for label in reversed(list(wanted))}.values())[::-1]
    leaves = [leaf_of(label) for label in labels]
    subject = disk.get(Field.SUBJECT, ())
    subject_edit, subject_owned = _merge_list(Field.SUBJECT, subject, owned.subject, leaves)
    mirrored = _mirrored(subject_edit.of(subject), labels)
    tags = disk.get(Field.TAGS, ())
    nothing: tuple[KeywordEdit, tuple[str, ...]] = (KeywordEdit((), ()), ())
    tagged, paths = (
        [label.replace(LEVELS, field.separator) for label in _without_levels(labels)]
        for field in (Field.TAGS, Field.HIERARCHY)
    )
    tags_edit, tags_owned = _merge_list(Field.TAGS, tags, owned.tags, tagged) if tags else nothing
    hierarchy_edit, hierarchy_owned, made_hierarchy = _merge_hierarchy(
        disk.get(Field.HIERARCHY, ()), owned, paths, mirrored, ours=bool(subject_owned)
    )
    edits = {
        Field.SUBJECT: subject_edit,
        Field.HIERARCHY: hierarchy_edit,
        Field.TAGS: tags_edit,
    }
    return Merge(
        Owned(subject_owned, hierarchy_owned, tags_owned, made_hierarchy),
        {name: edit for name, edit in edits.items() if edit.removed or edit.added},
    )


def leaf_of(label: str) -> str:
    """Return the last level of a label."""
    return label.rpartition(LEVELS)[2]


def _without_levels(labels: Sequence[str]) -> list[str]:
    """Return labels without those that are no more than a level above another one."""
    above = {same(level) for label in labels for level in label.split(LEVELS)[:-1]}
    return [label for label in labels if same(label) not in above]


def _mirrored(subject: Sequence[str], labels: Sequence[str]) -> list[str]:
    """Return the keywords of ``dc:subject`` as a list of paths holds them."""
    paths: dict[str, list[str]] = {}
    for label in labels:
        if LEVELS in label:
            paths.setdefault(same(leaf_of(label)), []).append(label)
    whole = [label for entry in subject for label in paths.get(same(entry), [entry])]
    return [label.replace(LEVELS, Field.HIERARCHY.separator) for label in _without_levels(whole)]


def _merge_list(
    name: Field, entries: Sequence[str], owned: Sequence[str], wanted: Sequence[str]
) -> tuple[KeywordEdit, tuple[str, ...]]:
    """Merge one list; return its edit and the entries of it that are ours afterwards."""
    keys = {same(label) for label in wanted}
    still = _still_ours(entries, owned)
    removed = tuple(entry for entry in still if same(entry) not in keys)
    there = levels(name, (entry for entry in entries if entry not in removed))
    new: dict[str, str] = {}
    for label in wanted:
        if same(label) not in there:
            new.setdefault(same(label), label)
    added = tuple(new.values())
    return KeywordEdit(removed, added), (
        *(entry for entry in still if entry not in removed),
        *added,
    )


def _merge_hierarchy(
    entries: Sequence[str],
    owned: Owned,
    wanted: Sequence[str],
    subject: Sequence[str],
    *,
    ours: bool,
) -> tuple[KeywordEdit, tuple[str, ...], bool]:
    """Merge ``lr:hierarchicalSubject``; return edit, what is ours, and whether the list is ours.

    A program that finds this list reads no ``dc:subject``, so one that we make mirrors all of it.
    """
    if not entries and not ours:
        return KeywordEdit((), ()), (), False
    if entries and not owned.made_hierarchy:
        return *_merge_list(Field.HIERARCHY, entries, owned.hierarchy, wanted), False
    if not ours and set(entries) <= set(_still_ours(entries, owned.hierarchy)):
        return KeywordEdit(tuple(entries), ()), (), False
    return *_merge_list(Field.HIERARCHY, entries, owned.hierarchy, subject), True


def _still_ours(entries: Sequence[str], owned: Sequence[str]) -> list[str]:
    """Return those of our entries that are on disk as we wrote them, and only once."""
    return [entry for entry in owned if entries.count(entry) == 1]


def levels(name: Field, entries: Iterable[str]) -> set[str]:
    """Return the keywords that a list holds, in the form of ``same``: entries, and their levels."""
    names = set()
    for entry in entries:
        names.add(same(entry))
        if name.separator:
            names.update(map(same, entry.split(name.separator)))
    return names
