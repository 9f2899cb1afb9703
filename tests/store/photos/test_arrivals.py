"""Whether a content that arrives at a path is a photo known from before."""

import os
from pathlib import Path

import pytest

from phototagger.core.checklist import Draft
from phototagger.store import WHOLE_PHOTO, Catalogue, Edit, Who, decide, decisions, redo, undo
from phototagger.store.labels.drafts import drafted, drafts, save_drafts
from phototagger.store.photos.arrivals import former_at, formers, looks_of, looks_of_editions
from phototagger.store.photos.contents import SeenFile, remember_seen
from phototagger.store.photos.editions import every_edition, first_of
from phototagger.store.repair.damage import damages
from tests.store.contents import marks_by_photo, sha1

PICTURE = sha1("picture")


class Album:
    """Files that are really there, each with a content and a picture by name."""

    def __init__(self, folder: Path, catalogue: Catalogue) -> None:
        self.folder, self.catalogue, self.root = folder, catalogue, str(folder)

    def put(self, name: str, content: str, picture: str | None = "picture", alike=None) -> int:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        status = path.stat()
        digest = None if picture is None else sha1(picture)
        seen = SeenFile(sha1(content), str(path), status.st_size, status.st_mtime_ns, digest)
        return remember_seen(self.catalogue, [seen], *([alike] if alike else []))

    def move(self, name: str, other: str) -> None:
        (self.folder / name).rename(self.folder / other)

    def decide(self, content: str, *labels: str, approved: bool | None = True) -> None:
        edits = [Edit(sha1(content), label, approved) for label in labels]
        decide(self.catalogue, edits, root=self.root)

    def held(self, content: str) -> set[str]:
        return {one.label for one in decisions(self.catalogue, [sha1(content)]) if one.approved}

    def former(self, name: str) -> bytes | None:
        return former_at(self.catalogue, str(self.folder / name))


@pytest.fixture
def album(tmp_path: Path, catalogue: Catalogue):
    folder = tmp_path / "photos"
    folder.mkdir()
    yield Album(folder, catalogue)
    assert list(damages(catalogue.connection)) == []


def test_the_same_picture_at_the_same_path_is_the_same_photo(album):
    album.put("a.jpg", "first")
    album.decide("first", "cat")
    assert album.put("a.jpg", "rated") == 1
    assert album.held("rated") == {"cat"}
    assert first_of(album.catalogue, sha1("rated")) == sha1("first")
    assert [one.sha1 for one in decisions(album.catalogue)] == [sha1("rated")]


def test_an_undecided_photo_is_the_same_too_but_is_not_counted(album):
    album.put("a.jpg", "first")
    assert album.put("a.jpg", "rated") == 0
    album.decide("rated", "cat")
    assert album.held("first") == {"cat"}


def test_editions_of_editions_have_one_first(album):
    for content in ("first", "second", "third"):
        album.put("a.jpg", content)
        album.decide(content, f"in {content}")
    assert album.held("third") == {"in first", "in second", "in third"}
    assert first_of(album.catalogue, sha1("third")) == sha1("first")


def test_marks_and_drafts_go_by_the_edition_that_is_there(album):
    album.put("a.jpg", "first")
    album.decide("first", WHOLE_PHOTO, "cat")
    draft = Draft(frozenset({"dog"}), frozenset({"dog"}))
    save_drafts(album.catalogue, {sha1("first"): draft})
    album.put("a.jpg", "rated")
    assert [*marks_by_photo(album.catalogue)] == [sha1("rated")]
    assert [*marks_by_photo(album.catalogue, [sha1("rated")])] == [sha1("rated")]
    assert drafted(album.catalogue) == {sha1("rated")}
    assert drafts(album.catalogue, [sha1("rated")]) == {sha1("rated"): draft}


def test_undo_and_redo_name_the_edition_that_is_there(album):
    album.put("a.jpg", "first")
    album.decide("first", "cat")
    album.put("a.jpg", "rated")
    assert undo(album.catalogue, root=album.root) == [sha1("rated")]
    assert album.held("rated") == set()
    assert redo(album.catalogue, root=album.root) == [sha1("rated")]
    assert album.held("rated") == {"cat"}


def test_two_editions_that_are_there_share_what_is_decided(album):
    album.put("a.jpg", "first")
    album.put("b.jpg", "first")
    album.decide("first", "cat")
    album.put("b.jpg", "rated")
    assert {one.sha1 for one in decisions(album.catalogue)} == {sha1("first"), sha1("rated")}
    assert set(every_edition(album.catalogue, [sha1("rated")])) == {sha1("first"), sha1("rated")}
    album.decide("rated", "dog")
    assert album.held("first") == {"cat", "dog"}


def test_a_copy_with_other_metadata_is_only_offered(album):
    album.put("a.jpg", "first")
    album.decide("first", "cat")
    assert album.put("copy.jpg", "rated copy") == 0
    assert album.held("rated copy") == set()
    assert album.former("copy.jpg") == sha1("first")


def test_a_copy_whose_original_is_gone_is_the_same_photo(album):
    album.put("a.jpg", "first")
    album.decide("first", "cat")
    (album.folder / "a.jpg").unlink()
    album.put("copy.jpg", "rated copy")
    assert album.held("rated copy") == {"cat"}
    assert album.former("copy.jpg") is None


def test_of_a_copy_that_is_gone_and_a_decided_one_that_lies_the_decided_one_is_offered(album):
    album.put("a.jpg", "first")
    album.put("b.jpg", "undecided copy")
    album.decide("first", "cat")
    (album.folder / "b.jpg").unlink()
    album.put("c.jpg", "another copy")
    assert first_of(album.catalogue, sha1("another copy")) == sha1("undecided copy")
    assert album.former("c.jpg") == sha1("first")


def test_an_earlier_edition_of_a_photo_that_lies_makes_no_copy_of_it_the_same(album):
    album.put("a.jpg", "first")
    album.put("a.jpg", "rated")
    album.decide("rated", "cat")
    album.put("copy.jpg", "rated copy")
    assert album.held("rated copy") == set()
    assert album.former("copy.jpg") in {sha1("first"), sha1("rated")}


@pytest.mark.parametrize("picture", ["another", None])
def test_another_picture_at_the_path_is_only_offered(album, picture):
    album.put("a.jpg", "first")
    album.decide("first", "cat")
    album.put("a.jpg", "painted", picture)
    assert album.held("painted") == set()
    assert album.former("a.jpg") == sha1("first")
    assert formers(album.catalogue, album.root) == {f"{album.root}/a.jpg": sha1("first")}


def test_what_is_offered_stays_the_decided_one_and_goes_with_the_file(album):
    album.put("a.jpg", "first")
    album.decide("first", "cat")
    album.put("a.jpg", "painted", "another")
    album.put("a.jpg", "painted again", "yet another")
    assert album.former("a.jpg") == sha1("first")
    album.move("a.jpg", "b.jpg")
    album.put("b.jpg", "painted again", "yet another")
    assert album.former("b.jpg") == sha1("first")


def test_a_picture_that_comes_back_is_the_same_photo_again(album):
    album.put("a.jpg", "first")
    album.decide("first", "cat")
    album.put("a.jpg", "painted", "another")
    album.put("a.jpg", "restored and rated")
    assert album.held("restored and rated") == {"cat"}


def test_a_content_that_was_never_told_apart_is_compared_by_what_it_shows(album):
    album.put("a.jpg", "first")
    album.decide("first", "cat")
    with album.catalogue.transaction() as db:
        db.execute("DELETE FROM picture")
        db.execute("UPDATE seal SET rows = 0, total = 0 WHERE name = 'picture'")
    asked = []

    def alike(before, arrival):
        asked.append((before, arrival.sha1))
        return True

    album.put("a.jpg", "rated", alike=alike)
    assert asked == [(sha1("first"), sha1("rated"))]
    assert album.held("rated") == {"cat"}
    album.put("a.jpg", "rated again", alike=alike)
    assert len(asked) == 1


def test_decisions_that_came_from_elsewhere_before_the_file_are_merged(album):
    album.put("a.jpg", "first")
    album.decide("first", "cat")
    album.decide("rated", "dog")
    album.decide("rated", "cat", approved=False)
    album.put("a.jpg", "rated")
    assert album.held("rated") == {"dog"}
    assert album.held("first") == {"dog"}
    found = [(one.sha1, one.label) for one in decisions(album.catalogue)]
    assert sorted(found) == sorted([(sha1("rated"), "cat"), (sha1("rated"), "dog")])
    assert {one.who for one in decisions(album.catalogue)} == {Who.PERSON}


def test_thousands_of_copies_of_an_empty_picture_are_not_all_looked_at(album, monkeypatch):
    for number in range(60):
        album.put(f"{number}.jpg", f"empty {number}")
    looked = []
    stat = os.stat
    monkeypatch.setattr("os.stat", lambda *a, **k: looked.append(a) or stat(*a, **k))
    album.put("one more.jpg", "empty one more")
    assert len(looked) < 40


def test_looks_are_kept_and_found(album):
    album.put("a.jpg", "first")
    assert looks_of(album.catalogue, [sha1("first")]) == {}
    assert looks_of_editions(album.catalogue) == {}
