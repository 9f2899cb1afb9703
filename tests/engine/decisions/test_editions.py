"""A photo's picture outlives an edit of its metadata, and so does all that was decided of it."""

import os
import shutil
import subprocess
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from phototagger.core.checklist import Draft
from phototagger.engine.decisions.approve import approve_before, clear, decide_labels
from phototagger.engine.events import Notice
from phototagger.engine.job import Job
from phototagger.engine.library.contents import contents
from phototagger.engine.library.library import Library as Opened
from phototagger.review.background.sidecars import planned_sidecars
from phototagger.store import Catalogue, Decision, Edit, Who, decide, decisions, redo, undo
from phototagger.store.labels.approvals import import_approvals
from phototagger.store.labels.drafts import drafted, drafts, save_drafts
from phototagger.store.repair.damage import damages
from tests.engine.conftest import LABELS, Library
from tests.engine.pictures import picture
from tests.imaging.pictures import ADOBE_RGB, profile
from tests.sidecar_files import needs_exiftool

pytestmark = needs_exiftool
LI = "{http://purl.org/dc/elements/1.1/}subject//{http://www.w3.org/1999/02/22-rdf-syntax-ns#}li"


def exiftool(path: Path, *words: str) -> None:
    command = ["exiftool", "-config", "", "-q", "-q", "-m", "-overwrite_original", *words, path]
    subprocess.run(command, check=True)


def rate(path: Path, stars: int = 4) -> None:
    exiftool(path, f"-XMP:Rating={stars}")


def position(job: Job, name: str) -> int:
    return [job.photos.rel_path(one) for one in range(len(job.photos))].index(name)


def approve(photos: Library, name: str, *labels: str) -> None:
    with photos.job() as job:
        scan(job)
        decide_labels(job, job.photos, np.array([position(job, name)]), labels, approved=True)


def scan(job: Job) -> None:
    from phototagger.engine.steps.scan import scan as step

    list(step(job))


def approved(ran) -> dict[str, str]:
    """What approved.csv says: the labels by path."""
    return {row[1]: row[2] for row in ran.rows("approved.csv")[1:]}


def notices(ran) -> list[str]:
    return [one.text for one in ran.events if isinstance(one, Notice)]


def subjects(sidecar: Path) -> list[str]:
    return [one.text for one in ElementTree.parse(sidecar).iterfind(f".//{LI}")]


def decided_of(photos: Library) -> list[Decision]:
    with closing(Catalogue(photos.folder / "runs", writable=False)) as catalogue:
        return list(decisions(catalogue))


def is_whole(photos: Library) -> bool:
    catalogue = Catalogue(photos.folder / "runs", writable=False)
    try:
        return list(damages(catalogue.connection)) == []
    finally:
        catalogue.close()


HOLDS = "the metadata of 1 photo changed since, not the picture: what was decided holds"


@pytest.mark.parametrize("name", ["a.jpg", "b.png"])
def test_a_rating_written_into_the_photo_keeps_decision_and_sidecar(photos: Library, name: str):
    photos.run()
    approve(photos, name, "cat", "dog")
    photos.run("sidecars")
    sidecar = photos.root / f"{name}.xmp"
    rate(photos.root / name)
    ran = photos.run("sidecars")
    assert notices(ran) == [HOLDS]
    assert subjects(sidecar) == ["cat", "dog"]
    assert "<xmp:Rating>4<" in sidecar.read_text()
    ran = photos.run()
    assert approved(ran) == {name: "cat|dog"}
    assert HOLDS not in notices(ran)
    assert is_whole(photos)


def test_vectors_and_thumbnails_serve_a_photo_whose_metadata_changed(photos: Library):
    first = photos.run()
    approve(photos, "a.jpg", "cat")
    rate(photos.root / "a.jpg")
    ran = photos.run()
    assert photos.embedded == 0
    assert (ran.finished("thumbs").made, ran.finished("embed").made) == (0, 0)
    assert ran.results()["a.jpg"] == {**first.results()["a.jpg"], "approved_labels": "cat"}
    assert HOLDS in notices(ran)
    assert photos.run().finished("scan").fresh == 7


def test_they_serve_it_after_a_step_that_only_read_its_bytes(photos: Library):
    photos.run()
    approve(photos, "a.jpg", "cat")
    rate(photos.root / "a.jpg")
    photos.run("sidecars")
    photos.run()
    assert photos.embedded == 0


@pytest.mark.parametrize("edit", ["orientation", "profile"])
def test_they_are_made_anew_where_the_photo_looks_otherwise(photos: Library, edit: str):
    path = photos.root / "a.jpg"
    photos.run()
    approve(photos, "a.jpg", "cat")
    if edit == "orientation":
        exiftool(path, "-n", "-Orientation=6")
    else:
        icc = photos.folder / "adobe.icc"
        icc.write_bytes(profile(ADOBE_RGB, 2.2, "Adobe"))
        exiftool(path, f"-ICC_Profile<={icc}")
    ran = photos.run()
    assert photos.embedded == 1
    assert ran.finished("thumbs").made == 1
    assert approved(ran) == {"a.jpg": "cat"}
    if edit == "orientation":
        assert (ran.results()["a.jpg"]["width"], ran.results()["a.jpg"]["height"]) == ("36", "48")


def test_a_photo_that_is_renamed_and_rated_at_once_is_the_same(photos: Library):
    photos.run()
    approve(photos, "a.jpg", "cat")
    (photos.root / "a.jpg").rename(photos.root / "sea/new.jpg")
    rate(photos.root / "sea/new.jpg")
    ran = photos.run()
    assert approved(ran) == {"sea/new.jpg": "cat"}
    assert photos.embedded == 0


def test_two_photos_that_are_rated_and_change_places_keep_their_own(photos: Library):
    photos.run()
    approve(photos, "a.jpg", "cat")
    approve(photos, "sea/c.jpg", "snow")
    first, second = photos.root / "a.jpg", photos.root / "sea/c.jpg"
    rate(first)
    rate(second)
    first.rename(photos.root / "other")
    second.rename(first)
    (photos.root / "other").rename(second)
    assert approved(photos.run()) == {"a.jpg": "snow", "sea/c.jpg": "cat"}


def test_a_root_that_moved_with_edited_photos_keeps_all(photos: Library):
    photos.run()
    approve(photos, "a.jpg", "cat")
    approve(photos, "town/f.jpg", "night")
    for name in ("a.jpg", "town/f.jpg"):
        rate(photos.root / name)
    photos.root = photos.root.rename(photos.folder / "elsewhere")
    assert approved(photos.run()) == {"a.jpg": "cat", "town/f.jpg": "night"}


def test_undo_and_redo_reach_across_the_edit(photos: Library):
    photos.run()
    approve(photos, "a.jpg", "cat")
    rate(photos.root / "a.jpg")
    photos.run()
    approve(photos, "a.jpg", "dog")
    root = str(photos.root)
    with photos.job() as job:
        for said in ("cat", ""):
            undo(job.catalogue, root=root)
            list_ = photos_decided(job, "a.jpg")
            assert list_ == ({said} - {""})
        redo(job.catalogue, root=root)
        assert photos_decided(job, "a.jpg") == {"cat"}


def photos_decided(job: Job, name: str) -> set[str]:
    scan(job)
    key = job.photos.keys[position(job, name)].tobytes()
    return {one.label for one in decisions(job.catalogue, [key]) if one.approved}


def test_a_file_that_is_restored_has_what_was_decided_meanwhile(photos: Library):
    photos.run()
    path = photos.root / "a.jpg"
    original = path.read_bytes()
    approve(photos, "a.jpg", "cat")
    rate(path)
    photos.run()
    approve(photos, "a.jpg", "dog")
    photos.run("sidecars")
    path.write_bytes(original)
    assert approved(photos.run()) == {"a.jpg": "cat|dog"}
    photos.run("sidecars")
    assert subjects(photos.root / "a.jpg.xmp") == ["cat", "dog"]


def test_who_decided_and_when_stay_as_they_were(photos: Library):
    photos.run()
    approve(photos, "a.jpg", "cat")
    with Opened(photos.settings(), LABELS) as library:
        [before] = decisions(library.catalogue)
    rate(photos.root / "a.jpg")
    photos.run()
    with Opened(photos.settings(), LABELS) as library:
        [after] = decisions(library.catalogue)
    assert after == before._replace(sha1=after.sha1)
    assert after.sha1 != before.sha1
    assert after.who is Who.PERSON


def test_checks_that_are_not_approved_yet_stay(photos: Library):
    photos.run()
    draft = Draft(frozenset({"snow"}), frozenset({"snow", "cat"}))
    with photos.job() as job:
        scan(job)
        save_drafts(job.catalogue, {job.photos.keys[position(job, "a.jpg")].tobytes(): draft})
    rate(photos.root / "a.jpg")
    photos.run()
    with photos.job() as job:
        scan(job)
        key = job.photos.keys[position(job, "a.jpg")].tobytes()
        assert drafts(job.catalogue, [key]) == {key: draft}
        assert drafted(job.catalogue) == {key}
        save_drafts(job.catalogue, {key: None})
        assert drafted(job.catalogue) == set()


def test_of_two_paths_with_one_content_the_edited_one_keeps_the_decisions_too(photos: Library):
    shutil.copyfile(photos.root / "a.jpg", photos.root / "copy.jpg")
    photos.run()
    approve(photos, "a.jpg", "cat")
    rate(photos.root / "copy.jpg")
    assert approved(photos.run()) == {"a.jpg": "cat", "copy.jpg": "cat"}
    approve(photos, "copy.jpg", "dog")
    assert approved(photos.run()) == {"a.jpg": "cat|dog", "copy.jpg": "cat|dog"}


def test_a_hard_link_shares_them(photos: Library):
    os.link(photos.root / "a.jpg", photos.root / "link.jpg")
    photos.run()
    approve(photos, "a.jpg", "cat")
    exiftool(photos.root / "a.jpg", "-overwrite_original_in_place", "-Comment=x")
    with (photos.root / "link.jpg").open("ab") as file:
        file.write(b"a trailer")
    assert approved(photos.run()) == {"a.jpg": "cat", "link.jpg": "cat"}


# What is only offered.


def offered(ran) -> bool:
    return any("picture changed since it was decided" in said for said in notices(ran))


def test_a_picture_that_changed_is_offered_the_old_decisions_and_keeps_its_sidecar(
    photos: Library,
):
    photos.run()
    approve(photos, "a.jpg", "cat")
    photos.run("sidecars")
    before = (photos.root / "a.jpg.xmp").read_bytes()
    picture(photos.root / "a.jpg", 99)
    assert list(planned(photos)) == []
    ran = photos.run("sidecars")
    assert offered(ran)
    assert any("`phototagger approve --picture-before`" in said for said in notices(ran))
    assert (photos.root / "a.jpg.xmp").read_bytes() == before
    ran = photos.run()
    assert offered(ran)
    assert approved(ran) == {}
    with photos.job() as job:
        scan(job)
        everything = np.arange(len(job.photos))
        assert approve_before(job, job.photos, everything).new == 1
        assert approve_before(job, job.photos, everything).any is False
    ran = photos.run()
    assert not offered(ran)
    assert approved(ran) == {"a.jpg": "cat"}
    with photos.job() as job:
        undo(job.catalogue, root=str(photos.root))
    assert offered(photos.run())


def planned(photos: Library):
    with Opened(photos.settings(), LABELS) as library:
        yield from planned_sidecars(library)


def test_a_label_of_the_picture_before_stays_until_somebody_says_no_to_it(photos: Library):
    photos.run()
    approve(photos, "a.jpg", "cat")
    photos.run("sidecars")
    picture(photos.root / "a.jpg", 99)
    approve(photos, "a.jpg", "dog")
    photos.run("sidecars")
    assert sorted(subjects(photos.root / "a.jpg.xmp")) == ["cat", "dog"]
    with photos.job() as job:
        scan(job)
        key = job.photos.content(position(job, "a.jpg"))
        assert key is None
        [(_, key)] = contents(job.catalogue, job.photos, [position(job, "a.jpg")], job.settings)
        decide(job.catalogue, [Edit(key, "cat", approved=False)], root=job.root)
    photos.run("sidecars")
    assert subjects(photos.root / "a.jpg.xmp") == ["dog"]


def test_a_rated_copy_is_offered_the_decisions_of_the_photo_it_copies(photos: Library):
    photos.run()
    approve(photos, "a.jpg", "cat")
    shutil.copyfile(photos.root / "a.jpg", photos.root / "sea/copy.jpg")
    rate(photos.root / "sea/copy.jpg")
    ran = photos.run()
    assert offered(ran)
    assert approved(ran) == {"a.jpg": "cat"}
    with photos.job() as job:
        scan(job)
        approve_before(job, job.photos, np.arange(len(job.photos)))
    assert approved(photos.run()) == {"a.jpg": "cat", "sea/copy.jpg": "cat"}


def test_after_several_changes_the_last_that_was_decided_is_offered(photos: Library):
    photos.run()
    approve(photos, "a.jpg", "cat")
    for seed in (98, 99):
        picture(photos.root / "a.jpg", seed)
        photos.run()
    (photos.root / "a.jpg").rename(photos.root / "moved.jpg")
    assert offered(photos.run())
    with photos.job() as job:
        scan(job)
        approve_before(job, job.photos, np.arange(len(job.photos)))
    assert approved(photos.run()) == {"moved.jpg": "cat"}


def test_photos_that_are_renamed_over_one_another_are_not_offered_each_others_labels(
    photos: Library,
):
    photos.run()
    approve(photos, "a.jpg", "cat")
    (photos.root / "a.jpg").rename(photos.root / "sea/kept.jpg")
    (photos.root / "sea/c.jpg").rename(photos.root / "a.jpg")
    (photos.root / "sea/kept.jpg").rename(photos.root / "sea/c.jpg")
    ran = photos.run()
    assert not offered(ran)
    assert approved(ran) == {"sea/c.jpg": "cat"}


def test_a_photo_renamed_into_the_place_of_a_deleted_one_is_not_offered_its_labels(
    photos: Library,
):
    photos.run()
    approve(photos, "a.jpg", "cat")
    (photos.root / "sea/c.jpg").rename(photos.root / "a.jpg")
    ran = photos.run()
    assert not offered(ran)
    assert approved(ran) == {}


def test_a_file_put_over_a_decided_one_takes_nothing_out_of_its_sidecar(photos: Library):
    photos.run()
    approve(photos, "a.jpg", "cat")
    photos.run("sidecars")
    shutil.copyfile(photos.root / "sea/c.jpg", photos.root / "a.jpg")
    photos.run("sidecars")
    assert subjects(photos.root / "a.jpg.xmp") == ["cat"]


def test_a_photo_that_was_cleared_after_its_edit_loses_its_label(photos: Library):
    photos.run()
    approve(photos, "a.jpg", "cat")
    photos.run("sidecars")
    rate(photos.root / "a.jpg")
    with photos.job() as job:
        scan(job)
        clear(job, job.photos, np.array([position(job, "a.jpg")]))
    photos.run("sidecars")
    assert not (photos.root / "a.jpg.xmp").exists()


# Other machines.


def test_decisions_from_a_machine_where_the_photo_was_edited_meet_those_made_here(
    photos: Library, tmp_path: Path
):
    photos.run()
    approve(photos, "a.jpg", "cat")
    rate(photos.root / "a.jpg")
    photos.run()
    approve(photos, "a.jpg", "dog")
    other = Library(tmp_path / "other", photos.calls)
    other.run()
    approve(other, "a.jpg", "snow")
    with photos.job() as job:
        told = list(decisions(job.catalogue))
    assert len(told) == 2
    shutil.copyfile(photos.root / "a.jpg", other.root / "a.jpg")
    with other.job() as job:
        import_approvals(job.catalogue, told, root=str(other.root))
    assert approved(other.run()) == {"a.jpg": "cat|dog|snow"}


# Photos seen by a phototagger that did not tell pictures apart.


def forget_pictures(photos: Library) -> None:
    """Make the catalogue one that was just brought up from version 2."""
    with photos.job() as job, job.catalogue.transaction() as db:
        from phototagger.store.catalogue.rows import delete, put

        delete(db, "picture", "1")
        put(db, "unread", ("sha1",), db.execute("SELECT DISTINCT sha1 FROM file").fetchall())


@pytest.mark.parametrize("step", ["sidecars", "run"])
def test_thumbnails_tell_that_a_photo_of_an_older_catalogue_is_the_same(photos: Library, step: str):
    photos.run()
    approve(photos, "a.jpg", "cat")
    photos.run("sidecars")
    forget_pictures(photos)
    rate(photos.root / "a.jpg")
    ran = photos.run(step)
    assert HOLDS in notices(ran)
    assert subjects(photos.root / "a.jpg.xmp") == ["cat"]
    assert approved(photos.run()) == {"a.jpg": "cat"}


def test_one_that_is_renamed_and_rated_at_once_is_offered_by_its_thumbnail(photos: Library):
    photos.run()
    approve(photos, "a.jpg", "cat")
    forget_pictures(photos)
    (photos.root / "a.jpg").rename(photos.root / "sea/renamed.jpg")
    rate(photos.root / "sea/renamed.jpg")
    picture(photos.root / "another.jpg", 97)
    assert offered(photos.run())
    assert approved(photos.run()) == {}
    with photos.job() as job:
        scan(job)
        approve_before(job, job.photos, np.arange(len(job.photos)))
    assert approved(photos.run()) == {"sea/renamed.jpg": "cat"}
    assert is_whole(photos)


def test_one_that_may_be_renamed_and_rated_is_told_where_its_thumbnail_is_gone(photos: Library):
    photos.run()
    approve(photos, "a.jpg", "cat")
    forget_pictures(photos)
    shutil.rmtree(photos.folder / "thumb_cache")
    (photos.root / "a.jpg").rename(photos.root / "sea/renamed.jpg")
    rate(photos.root / "sea/renamed.jpg")
    picture(photos.root / "another.jpg", 97, size=(31, 17))
    ran = photos.run()
    assert not offered(ran)
    [said] = [one for one in notices(ran) if "not there any more" in one]
    assert said.startswith(
        f"1 decided photo is not there any more, as {photos.root}/a.jpg; 1 new photo is of the "
        f"same size, as {photos.root}/sea/renamed.jpg. No thumbnail tells whether they are"
    )
    assert [one.label for one in decided_of(photos)] == ["cat"]
    picture(photos.root / "later.jpg", 96)
    (photos.root / "sea/renamed.jpg").unlink()
    photos.run()
    assert not [one for one in notices(photos.run()) if "not there any more" in one]


def test_without_its_thumbnail_it_is_offered_and_its_sidecar_stays(photos: Library):
    photos.run()
    approve(photos, "a.jpg", "cat")
    photos.run("sidecars")
    forget_pictures(photos)
    shutil.rmtree(photos.folder / "thumb_cache")
    rate(photos.root / "a.jpg")
    assert offered(photos.run())
    assert subjects(photos.root / "a.jpg.xmp") == ["cat"]
