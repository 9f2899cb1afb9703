"""What holds for photos, and for labels, after whole photos and labels alone were decided."""

from phototagger.core.checklist import Mark
from phototagger.store import WHOLE_PHOTO, Edit, Who, decide, undo
from phototagger.store.labels.by_label import (
    LabelCounts,
    approved_on,
    decided_of,
    label_counts,
    teachers,
)
from tests.store.contents import marks_by_photo, sha1

ROOT = "/photos"
CAT, DOG, COW = (sha1(name) for name in ("cat", "dog", "cow"))


def said(catalogue, *edits: Edit, who: Who = Who.PERSON) -> None:
    decide(catalogue, edits, root=ROOT, who=who)


def test_a_photo_is_decided_by_its_own_approval_or_by_auto_not_by_one_label(catalogue):
    said(catalogue, Edit(CAT, "cat", approved=True))
    assert marks_by_photo(catalogue) == {}
    said(catalogue, Edit(DOG, "dog", approved=True), who=Who.AUTO)
    said(catalogue, Edit(COW, WHOLE_PHOTO, approved=True), Edit(COW, "dog", approved=False))
    assert marks_by_photo(catalogue) == {DOG: Mark.APPROVED, COW: Mark.NONE}
    said(catalogue, Edit(CAT, WHOLE_PHOTO, approved=True))
    assert marks_by_photo(catalogue, [CAT]) == {CAT: Mark.APPROVED}
    undo(catalogue, root=ROOT)
    assert marks_by_photo(catalogue, [CAT]) == {}


def test_a_label_that_looks_like_an_approval_approves_nothing(catalogue):
    odd = ":[true"
    said(catalogue, Edit(CAT, WHOLE_PHOTO, approved=True), Edit(CAT, odd, approved=False))
    said(catalogue, Edit(DOG, odd, approved=None), who=Who.AUTO)
    said(catalogue, Edit(COW, odd, approved=False), Edit(COW, WHOLE_PHOTO, approved=True))
    assert marks_by_photo(catalogue) == {CAT: Mark.NONE, COW: Mark.NONE}


def test_a_photo_that_auto_left_as_it_is_bears_the_same_mark_however_often_it_was_decided(
    catalogue,
):
    said(catalogue, Edit(CAT, "cat", approved=True))
    said(catalogue, Edit(CAT, WHOLE_PHOTO, approved=False), who=Who.AUTO)
    said(catalogue, Edit(DOG, WHOLE_PHOTO, approved=False), who=Who.AUTO)
    assert marks_by_photo(catalogue) == {CAT: Mark.APPROVED, DOG: Mark.NONE}


def test_labels_are_counted_over_some_photos_by_what_persons_decided(catalogue):
    said(catalogue, Edit(CAT, "pet", approved=True), Edit(DOG, "pet", approved=False))
    said(catalogue, Edit(COW, "pet", approved=True))
    said(catalogue, Edit(CAT, "fur", approved=True), who=Who.AUTO)
    assert label_counts(catalogue, [CAT, DOG, DOG]) == {"pet": LabelCounts(1, 1)}
    assert decided_of(catalogue, "pet") == {CAT: True, DOG: False, COW: True}
    assert decided_of(catalogue, "fur") == {}


def test_a_label_alone_is_read_as_among_all(catalogue):
    labels = ["cat", 'a"cat', "back\\slash", "é", WHOLE_PHOTO]
    for photo, approved in ((CAT, True), (DOG, False), (COW, None)):
        said(catalogue, *(Edit(photo, label, approved=True) for label in labels))
        said(catalogue, *(Edit(photo, label, approved) for label in labels[1:]))
    for label in labels[1:]:
        assert decided_of(catalogue, label) == {CAT: True, DOG: False}
    assert decided_of(catalogue, "cat") == {CAT: True, DOG: True, COW: True}
    assert {label: set(photos) for label, photos in approved_on(catalogue, labels).items()} == {
        "cat": {CAT, DOG, COW}
    } | {label: {CAT} for label in labels[1:]}
    assert approved_on(catalogue, []) == {}


def test_of_many_photos_some_teach_and_of_each_label_as_many_as_it_needs(catalogue):
    photos = sorted(sha1(str(number)) for number in range(40))
    rare, auto, alone = photos[37], photos[0], photos[39]
    for photo in photos[1:39]:
        said(catalogue, Edit(photo, WHOLE_PHOTO, approved=True), Edit(photo, "sky", approved=True))
    said(catalogue, Edit(rare, "dog", approved=True), Edit(photos[36], "dog", approved=False))
    said(catalogue, Edit(alone, "cat", approved=True))
    said(catalogue, Edit(auto, "sky", approved=True), who=Who.AUTO)
    labels = ("sky", "dog", "cat")
    assert teachers(catalogue, 39, 2, labels) is None
    assert teachers(catalogue, 10, 2, labels) == [*photos[1:11], rare, alone]
    assert teachers(catalogue, 10, 14, labels) == [*photos[1:15], rare, alone]
    assert teachers(catalogue, 10, 14, ["sky"]) == photos[1:15]
    assert teachers(catalogue, 10, 14, []) == photos[1:11]
