"""Photos that somebody looks at come before all others in a step, wherever they stand."""

import shutil
from collections import Counter

from phototagger.engine.events import PhotoReady
from tests.engine.pictures import picture

FOLDERS, EACH = 12, 10


def many(photos):
    """Add photos beside the few of the library; return the names of the last folder's."""
    for folder in range(FOLDERS):
        for number in range(EACH):
            name = f"z{folder:02}/{number}.jpg"
            picture(photos.root / name, 100 + EACH * folder + number)
    return [str(photos.root / f"z{FOLDERS - 1:02}/{number}.jpg") for number in range(EACH)]


def embedded(photos, wanted):
    """Embed; once the first photo is ready, want some. Return the order in which all came."""
    came = []

    def heard(job, event):
        if isinstance(event, PhotoReady):
            if not came:
                job.wanted.put(wanted)
            came.append(event.path)

    photos.run(heard=heard)
    return came


def test_what_is_wanted_while_a_step_goes_on_is_done_next_and_all_else_once(photos):
    last = many(photos)
    came = embedded(photos, last)
    assert max(map(came.index, last)) < len(came) // 2
    assert set(Counter(came).values()) == {1}
    assert len(came) == len(set(came)) == FOLDERS * EACH + 7


def test_who_looks_elsewhere_wants_that_and_no_more_what_was_seen_before(photos):
    last = many(photos)
    came = []

    def heard(job, event):
        if isinstance(event, PhotoReady):
            if not came:
                job.wanted.put(last)
                job.wanted.put([str(photos.root / "z06/0.jpg")])
            came.append(event.path)

    photos.run(heard=heard)
    assert came.index(str(photos.root / "z06/0.jpg")) < len(came) // 2
    assert min(map(came.index, last)) > len(came) // 2


def test_a_copy_is_known_whether_it_or_its_like_is_wanted(photos):
    last = many(photos)
    early, late = str(photos.root / "z05/copy.jpg"), last[0]
    shutil.copyfile(late, early)
    embedded(photos, [late])
    rows = photos.last.results()
    assert rows["z05/copy.jpg"]["top5_scores"] == rows[f"z{FOLDERS - 1:02}/0.jpg"]["top5_scores"]
    assert len(rows) == FOLDERS * EACH + 8
    assert not photos.last.finished("embed").failed


def test_what_is_no_photo_of_the_step_is_passed_over(photos):
    many(photos)
    photos.run("thumbs")
    came = embedded(photos, ["/elsewhere/a.jpg", str(photos.root / "gone.jpg"), ""])
    assert len(came) == len(set(came)) == FOLDERS * EACH + 7
