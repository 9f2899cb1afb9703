"""A run that would fill the disk says so before it begins."""

from types import SimpleNamespace

from phototagger.engine import disk_space as room


def job(tmp_path):
    return SimpleNamespace(
        settings=SimpleNamespace(cache_dir=str(tmp_path / "not" / "there")),
        run_dir=tmp_path,
        model=SimpleNamespace(images=SimpleNamespace(dimension=768)),
    )


def free(monkeypatch, size):
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _: SimpleNamespace(free=size))


def test_it_names_the_folder_and_both_sizes(tmp_path, monkeypatch):
    free(monkeypatch, 1_000_000_000)
    (notice,) = room.short_of_room(job(tmp_path), 100_000)
    assert notice.text == (
        f"{tmp_path}: 100,000 photos need about 5.5 GB and 1.0 GB are free; "
        "make room now, or go on later where it stops"
    )


def test_small_sizes_are_told_apart(tmp_path, monkeypatch):
    free(monkeypatch, 1_400_000)
    (notice,) = room.short_of_room(job(tmp_path), 100)
    assert "100 photos need about 5.5 MB and 1.4 MB are free" in notice.text


def test_it_says_nothing_where_there_is_room(tmp_path, monkeypatch):
    free(monkeypatch, 6_000_000_000)
    assert list(room.short_of_room(job(tmp_path), 100_000)) == []
