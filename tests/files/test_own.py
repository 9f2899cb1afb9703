"""Files of ours in folders that may be somebody else's."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from phototagger.errors import UsageError
from phototagger.files import own as own_files
from phototagger.files.atomic import write_atomically
from phototagger.files.own import (
    add_to,
    check_owner,
    create_file,
    is_real_folder,
    make_below,
    make_folder,
    open_own,
    open_to_read,
    read_own,
    read_own_json,
)
from tests.places import (
    FOREIGN,
    as_user,
    let_others_reach,
    needs_root,
    put_dangling_link,
    put_fifo,
    put_folder,
    put_hard_link,
    put_link,
)
from tests.shared import names_in

ALICE, BOB, CAROL = 4001, 4002, 4003


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"a photo")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "runs"
    path.mkdir()
    return path


@pytest.mark.parametrize("put", FOREIGN.values(), ids=FOREIGN)
def test_what_changes_in_place_is_never_anything_but_a_regular_file_with_one_name(
    folder: Path, photo: Path, put: Callable[[Path, Path], None]
) -> None:
    put(folder / "log.txt", photo)
    before = os.lstat(folder / "log.txt")
    for opened in (open_own, add_to):
        with pytest.raises(UsageError, match=r"log.txt: (is|has) .*left as it is.*--run-dir"):
            opened(folder / "log.txt", folder)
    assert os.lstat(folder / "log.txt") == before
    assert photo.read_bytes() == b"a photo"
    assert names_in(photo.parent) == ["photo.jpg", "runs"]


def test_a_file_of_ours_is_made_opened_and_added_to(folder: Path) -> None:
    for line in (b"one\n", b"two\n"):
        with add_to(folder / "log.txt", folder) as file:
            file.write(line)
    assert (folder / "log.txt").read_bytes() == b"one\ntwo\n"


@pytest.mark.parametrize("put", FOREIGN.values(), ids=FOREIGN)
def test_a_file_written_whole_takes_the_place_and_follows_nothing(
    folder: Path, photo: Path, put: Callable[[Path, Path], None]
) -> None:
    put(folder / "results.csv", photo)
    if put is put_folder:
        with pytest.raises(IsADirectoryError), write_atomically(folder / "results.csv") as file:
            file.write(b"table")
    else:
        with write_atomically(folder / "results.csv") as file:
            file.write(b"table")
        assert stat.S_ISREG(os.lstat(folder / "results.csv").st_mode)
        assert (folder / "results.csv").read_bytes() == b"table"
    assert photo.read_bytes() == b"a photo"
    assert names_in(photo.parent) == ["photo.jpg", "runs"]


@pytest.mark.parametrize("put", FOREIGN.values(), ids=FOREIGN)
def test_only_a_regular_file_is_read(
    folder: Path, photo: Path, put: Callable[[Path, Path], None]
) -> None:
    put(folder / "config.json", photo)
    if put is put_hard_link:
        assert read_own(folder / "config.json") == b"a photo"
        return
    with pytest.raises(OSError, match=r"symbolic links|regular|No such"):
        read_own(folder / "config.json")
    with pytest.raises(OSError, match=r"symbolic links|regular|No such"):
        open_to_read(folder / "config.json")


def test_no_more_is_read_than_was_asked_for(photo: Path) -> None:
    assert read_own(photo, 3) == b"a ph"


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ('{"a": [1]}', {"a": [1]}),
        (f'{{"a": "{20_000 * "x"}"}}', {}),  # longer than allowed
        ("[1]", {}),
        ('{"a": ', {}),
        ("", {}),
        ("[" * 10_000, {}),
        (None, {}),
    ],
)
def test_a_json_file_of_ours_that_cannot_be_read_holds_nothing(
    tmp_path: Path, text: str | None, data: dict[str, object]
) -> None:
    file = tmp_path / "file.json"
    if text is not None:
        file.write_text(text)
    assert read_own_json(file, 20_000) == data


@pytest.mark.parametrize("put", [put_link, put_fifo, put_dangling_link])
def test_a_folder_that_is_a_link_or_no_folder_is_not_written_into(
    folder: Path, photo: Path, put: Callable[[Path, Path], None]
) -> None:
    put(folder / "vectors", photo.parent if put is put_link else photo)
    assert not is_real_folder(folder / "vectors")
    with pytest.raises(UsageError, match="vectors: is a link or no folder"):
        make_below(folder, "vectors", "model")
    assert names_in(photo.parent) == ["photo.jpg", "runs"]


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", "/etc", "a\0b"])
def test_a_name_that_leads_elsewhere_makes_no_folder(folder: Path, name: str) -> None:
    with pytest.raises(UsageError, match="is to hold a folder with the name"):
        make_below(folder, name, "images")
    assert names_in(folder) == []


# Rights


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.mark.usefixtures("umask")
def test_folders_that_are_made_and_their_files_are_for_this_user_alone(tmp_path: Path) -> None:
    make_folder(tmp_path / "a/runs")
    make_folder(tmp_path / "a/runs")
    below = Path(make_below(tmp_path / "a/runs", "vectors", "model"))
    with write_atomically(below / "1.npy") as file:
        file.write(b"")
    with add_to(tmp_path / "a/runs/log.txt", tmp_path / "a/runs") as log:
        log.write(b"")
    assert [mode(tmp_path / "a"), mode(tmp_path / "a/runs"), mode(below)] == [0o700] * 3
    assert [mode(below / "1.npy"), mode(tmp_path / "a/runs/log.txt")] == [0o600] * 2


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize(
    ("folder_has", "file_has"), [(0o700, 0o600), (0o750, 0o640), (0o755, 0o644), (0o711, 0o600)]
)
def test_a_file_has_no_right_that_its_folder_lacks(
    folder: Path, folder_has: int, file_has: int
) -> None:
    folder.chmod(folder_has)
    with write_atomically(folder / "a") as file:
        file.write(b"")
    os.close(create_file(folder / "b"))
    os.close(create_file(folder / "c", private=True))
    assert [mode(folder / name) for name in "abc"] == [file_has, file_has, 0o600]
    assert mode(Path(make_below(folder, "d"))) == folder_has & 0o755


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize(
    ("parent_has", "folder_has", "file_has"),
    [(0o2770, 0o2770, 0o660), (0o2775, 0o2770, 0o660), (0o2750, 0o2750, 0o640),
     (0o775, 0o700, 0o600)],
    ids=["of a group", "others read", "the group reads", "not handed on"],
)  # fmt: skip
def test_what_is_made_where_a_group_shares_everything_is_the_groups_too(
    tmp_path: Path, parent_has: int, folder_has: int, file_has: int
) -> None:
    parent = tmp_path / "album"
    parent.mkdir()
    parent.chmod(parent_has)
    make_folder(parent / "a" / "runs")
    below = Path(make_below(parent / "a" / "runs", "vectors"))
    os.close(create_file(below / "b"))
    os.close(create_file(below / "c", private=True))
    folders = (parent / "a", parent / "a" / "runs", below)
    assert [path.stat().st_mode & 0o7777 for path in folders] == [folder_has] * 3
    assert [mode(below / name) for name in "bc"] == [file_has, 0o600]


def test_a_folder_that_a_file_is_in_the_way_of_is_not_made(photo: Path) -> None:
    for path in (photo, photo / "runs"):
        with pytest.raises(OSError, match="Not a directory"):
            make_folder(path)


# Owners


OPEN = """
from phototagger.errors import UsageError
from phototagger.files.own import check_owner, open_own
try:
    check_owner({folder!r}, "run_dir", {root!r})
    os.ftruncate(open_own({folder!r} + "/lock", {folder!r}), 0)
    print("opened")
except UsageError as error:
    print(error)
"""


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """Give a run_dir and a root that other users can reach."""
    let_others_reach(tmp_path)
    folder = tmp_path / "runs"
    folder.mkdir()
    (folder / "lock").write_bytes(b"held")
    (tmp_path / "photos").mkdir()
    return folder


WHO = {
    # the folder's owner and mode, the photos' owner, the lock's owner, who runs, what comes of it
    "one's own": (ALICE, 0o755, ALICE, ALICE, ALICE, "opened"),
    "root, in a user's folder of photos": (ALICE, 0o755, ALICE, ALICE, 0, "opened"),
    "root's folder that all may write to": (0, 0o1777, ALICE, BOB, BOB, "opened"),
    "another's file where all may write": (0, 0o1777, ALICE, ALICE, BOB, "another user"),
    "the photographer's folder": (ALICE, 0o777, ALICE, ALICE, BOB, "opened"),
    "a stranger's folder": (CAROL, 0o777, ALICE, BOB, BOB, "another user"),
    "a stranger's folder, for root": (CAROL, 0o777, ALICE, CAROL, 0, "another user"),
    "a group's folder, begun by a member": (ALICE, 0o770, ALICE, CAROL, ALICE, "opened"),
    "all may write, begun by another": (ALICE, 0o777, ALICE, CAROL, ALICE, "another user"),
}


@needs_root
@pytest.mark.parametrize("case", WHO)
def test_a_folder_and_its_files_belong_to_those_who_may_be_trusted(shared: Path, case: str) -> None:
    folder_owner, folder_has, root_owner, lock_owner, who, outcome = WHO[case]
    root = shared.parent / "photos"
    os.chown(root, root_owner, root_owner)
    os.chown(shared, folder_owner, folder_owner)
    os.chown(shared / "lock", lock_owner, lock_owner)
    (shared / "lock").chmod(0o666)
    shared.chmod(folder_has)
    said = as_user(who, OPEN.format(folder=str(shared), root=str(root)))
    assert outcome in said
    assert (shared / "lock").read_bytes() == (b"" if outcome == "opened" else b"held")
    assert names_in(shared) == ["lock"], "the probe goes"


@needs_root
@pytest.mark.parametrize(
    ("group", "has", "outcome"),
    [(BOB, 0o2770, "opened"), (BOB, 0o775, "opened"), (BOB, 0o755, "another user"),
     (BOB, 0o777, "another user"), (CAROL, 0o775, "another user")],
    ids=["of the group", "others read", "only its owner writes", "all write", "another group"],
)  # fmt: skip
def test_a_folder_that_a_group_writes_to_is_each_members_whoever_began_it(
    shared: Path, group: int, has: int, outcome: str
) -> None:
    root = shared.parent / "photos"
    os.chown(root, ALICE, ALICE)
    os.chown(shared, CAROL, group)
    os.chown(shared / "lock", CAROL, group)
    (shared / "lock").chmod(0o660 if group == BOB else 0o666)
    shared.chmod(has)
    assert outcome in as_user(BOB, OPEN.format(folder=str(shared), root=str(root)))
    assert (shared / "lock").read_bytes() == (b"" if outcome == "opened" else b"held")


@needs_root
def test_a_file_system_that_knows_this_user_by_another_number_is_worked_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As exFAT, or NFS with root_squash: what root makes there belongs to nobody."""
    created = own_files.create_file

    def squashed(path: Path, **options: bool) -> int:
        handle = created(path, **options)
        os.fchown(handle, CAROL, CAROL)
        return handle

    monkeypatch.setattr(own_files, "create_file", squashed)
    os.chown(folder, CAROL, CAROL)
    check_owner(folder, "run_dir", folder.parent)
    os.close(open_own(folder / "lock", folder))
    os.chown(folder, 0, 0)
    os.close(open_own(folder / "lock", folder))


def test_a_folder_without_a_root_is_ones_own_or_the_superusers(tmp_path: Path) -> None:
    check_owner(tmp_path, "run_dir")
