"""The typical photo of each folder, kept by model."""

from phototagger.store.photos.medoids import KnownMedoid, known_medoids, remember_medoids
from tests.store.contents import sha1


def test_medoids_are_kept_by_model_and_folder_and_replaced(catalogue):
    first = KnownMedoid("/photos/caf\udce9", sha1("before"), "/photos/caf\udce9/a.jpg", 0.75)
    other = KnownMedoid("/photos", sha1("root"), "/photos/b.jpg", 1.0)
    remember_medoids(catalogue, "m-1", [first, other])
    assert known_medoids(catalogue, "m-1") == {one.folder: one for one in (first, other)}
    assert known_medoids(catalogue, "m-2") == {}
    second = first._replace(members=sha1("after"), path="/photos/caf\udce9/c.jpg")
    remember_medoids(catalogue, "m-1", [second])
    assert known_medoids(catalogue, "m-1") == {one.folder: one for one in (second, other)}


def test_many_folders_are_kept(catalogue):
    many = [KnownMedoid(f"/{n}", sha1(n), f"/{n}/a.jpg", n / 1000) for n in range(700)]
    remember_medoids(catalogue, "m-1", many)
    assert list(known_medoids(catalogue, "m-1").values()) == sorted(many)
