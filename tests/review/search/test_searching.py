"""Photos are found by names, labels, dates, cameras, words and likeness."""

import os
from datetime import datetime

import numpy as np
import pytest
from PIL import Image

from phototagger.engine.decisions.naming import Kind, Naming
from phototagger.engine.library.library import Library
from phototagger.imaging.taken import Taken
from phototagger.review.photo_list import known_listing
from phototagger.review.search.query import parse_query
from phototagger.review.search.searching import PhotoSearch, text_vector
from phototagger.store import Edit, decide
from phototagger.store.photos.taken import note_taken
from tests.engine.conftest import LABELS, calls, photos
from tests.engine.decisions.test_learned import sha1_of, tell
from tests.engine.pictures import LIBRARY

__all__ = ["calls", "photos"]


@pytest.fixture
def ran(photos):
    photos.run()
    return photos


class Finder:
    """A search in a library, with paths in the place of positions."""

    def __init__(self, library):
        self.library = library
        self.listing = known_listing(library)
        self.search = PhotoSearch(library, self.listing)
        self.paths = [path.removeprefix(f"{library.root}/") for path in self.listing.paths]

    def __call__(self, line, text=None):
        found = self.search.find(parse_query(line, LABELS), text)
        return [self.paths[one] for one in found.positions]

    def like(self, name, line=""):
        at = [self.paths.index(name)]
        found = self.search.like(at, parse_query(line, LABELS))
        return [self.paths[one] for one in found.positions]

    def cosines(self, vector):
        keys = np.array([self.listing.keys[self.paths.index(name)] for name in self.paths])
        rows = self.library.images.get(keys).astype(np.float64)
        lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(vector)
        return dict(zip(self.paths, (rows @ vector / lengths).tolist(), strict=True))


@pytest.fixture
def finder(ran):
    with Library(ran.settings(), LABELS) as library:
        yield Finder(library)


def test_names_are_found_whatever_their_case_and_without_a_model(finder):
    assert finder("SEA") == [name for name in finder.paths if "sea" in name]
    assert finder("name:sea/c") == ["sea/c.jpg"]
    assert finder("nowhere") == []


def test_words_with_bytes_that_are_no_text_are_names_and_no_labels(ran):
    odd = "caf\udce9.jpg"
    (ran.root / odd).write_bytes((ran.root / "a.jpg").read_bytes())
    ran.run()
    with Library(ran.settings(), LABELS) as library:
        found = Finder(library)
        for line in ("caf\udce9", "name:\udce9"):
            assert found(line) == [odd]
        assert found("label:caf\udce9") == []
        assert len(text_vector(library, "caf\udce9")) == library.images.dimension


def test_an_approved_label_is_found_also_by_a_synonym_and_by_words(ran, finder):
    tell(ran, {"a.jpg": {"cat": True, "night": True}, "sea/c.jpg": {"cat": False, "night": True}})
    assert finder("label:cat") == ["a.jpg"]
    assert finder("night") == ["a.jpg", "sea/c.jpg"]
    assert finder("night sea") == ["sea/c.jpg"]
    assert finder("label:night name:sea") == ["sea/c.jpg"]
    with ran.job() as job:
        naming = Naming(Kind.SYNONYM, "moggy", "cat")
        decide(job.catalogue, [], root=job.root, naming=naming)
    assert finder("label:moggy") == ["a.jpg"]


def test_words_find_what_is_nearest_in_meaning_after_what_has_them(finder):
    text = text_vector(finder.library, "beach")
    wanted = finder.cosines(text)
    by_meaning = sorted(wanted, key=lambda name: -wanted[name])
    assert finder("zebra", text) == by_meaning
    named = [name for name in by_meaning if "sea" in name]
    assert finder("sea", text) == [*named, *(one for one in by_meaning if one not in named)]
    found = finder.search.find(parse_query("zebra", ()), text)
    names = [finder.paths[one] for one in found.positions]
    got = dict(zip(names, found.cosines.tolist(), strict=True))
    assert got == pytest.approx(wanted, abs=1e-6)


def test_what_is_like_a_photo_is_found_without_it_and_its_copies(ran):
    (ran.root / "copy.jpg").write_bytes((ran.root / "a.jpg").read_bytes())
    ran.run()
    with Library(ran.settings(), LABELS) as library:
        finder = Finder(library)
        own = library.images.get(np.frombuffer(sha1_of(ran.root / "a.jpg"), np.uint8)[None])[0]
        wanted = finder.cosines(own.astype(np.float64))
        best = sorted(wanted, key=lambda one: -wanted[one])
        assert finder.like("a.jpg") == [one for one in best if one not in {"a.jpg", "copy.jpg"}]
        assert finder.like("a.jpg", "sea") == [one for one in best if "sea" in one]


def test_a_vector_that_is_only_in_memory_counts(ran):
    with ran.job() as job:
        keys = job.model.images.index.keys
        vector = job.model.images.get(keys[:1])[0]
        job.model.images.append([b"n" * 20, b"o" * 20], np.stack([vector, -vector]))
        asked = np.frombuffer(b"n" * 20 + b"o" * 20 + b"p" * 20, np.uint8).reshape(3, 20)
        cosines = job.model.images.cosines(asked, vector)
    assert cosines[:2].tolist() == pytest.approx([1, -1])
    assert np.isnan(cosines[2])


def test_dates_are_those_of_the_path_or_else_of_the_file(ran):
    moment = datetime(2023, 12, 31, 23, 30).astimezone().timestamp()
    os.utime(ran.root / LIBRARY[0], (moment, moment))
    for folder in ("2024-04-12 lake", "IMG_20240430", "2024/05"):
        (ran.root / folder).mkdir(parents=True)
        data = (ran.root / LIBRARY[1]).read_bytes()
        (ran.root / folder / "x.jpg").write_bytes(data + folder.encode())
    ran.run()
    with Library(ran.settings(), LABELS) as library:
        found = Finder(library)
        assert found("2024-04") == ["2024-04-12 lake/x.jpg", "IMG_20240430/x.jpg"]
        assert found("2024-04-12") == ["2024-04-12 lake/x.jpg"]
        assert found("2024-05") == ["2024/05/x.jpg"]
        assert len(found("date:2024")) == 3
        assert found("date:2023") == found("2023-12") == found("2023-12-31") == [LIBRARY[0]]
        assert found("2024-01") == []


def a_shot(path, camera, when=""):
    exif = Image.Exif()
    exif.update({0x0110: camera, **({0x0132: when} if when else {})})
    path.parent.mkdir(exist_ok=True)
    Image.new("RGB", (40, 30)).save(path, exif=exif)


def test_a_date_is_that_of_exif_whatever_the_path_and_the_file_say(ran):
    a_shot(ran.root / "2024-04-12" / "scan.jpg", "X", "1999:12:31 23:59:59")
    a_shot(ran.root / "2024-04-12" / "unsaid.jpg", "X", "0000:00:00 00:00:00")
    a_shot(ran.root / "late.jpg", "X", "2000:01:01 00:00:00")
    ran.run()
    with Library(ran.settings(), LABELS) as library:
        found = Finder(library)
        assert found("1999-12-31") == found("date:1999") == ["2024-04-12/scan.jpg"]
        assert found("2000-01-01") == found("date:2000") == ["late.jpg"]
        assert found("2024-04") == ["2024-04-12/unsaid.jpg"]


def test_a_camera_is_found_by_a_part_of_its_name_also_once_more_is_known(ran):
    a_shot(ran.root / "r5.jpg", "Canon EOS R5")
    a_shot(ran.root / "5d.jpg", "Canon EOS 5D", "2020:01:01 00:00:00")
    ran.run()
    with Library(ran.settings(), LABELS) as library:
        found = Finder(library)
        assert found("camera:CANON") == ["5d.jpg", "r5.jpg"]
        assert found('camera:"eos r5"') == ["r5.jpg"]
        assert found("camera:canon date:2020 name:5d") == ["5d.jpg"]
        assert found("camera:nikon") == []
        assert found.like("a.jpg", "camera:5d") == ["5d.jpg"]
        with ran.job() as job, job.catalogue.transaction() as db:
            note_taken(db, {sha1_of(ran.root / "a.jpg"): Taken(camera="Nikon Z 6")})
        assert found("camera:nikon") == ["a.jpg"]


def test_a_library_that_has_no_vectors_is_searched_by_names(photos):
    photos.run("scan")
    with photos.job() as job:
        decide(job.catalogue, [Edit(b"a" * 20, "cat", approved=True)], root=job.root)
    with Library(photos.settings(), LABELS) as library:
        assert Finder(library)("label:cat") == []
