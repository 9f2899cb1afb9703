import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from phototagger.tui.widgets.folders import FolderTree, named, nodes_of
from tests.tui.driving import SIZES, Stage, drive, keys, shown

FOLDERS = [".", "2021/may", "2021/may/beach", "2022"]
COUNTS = np.array([[1, 1, 0, 0], [2, 0, 1, 0], [3, 3, 0, 0], [0, 4, 0, 1]])


class Treed(Stage):
    def __init__(self, folders=FOLDERS, counts=COUNTS):
        self.rows = FolderTree()
        super().__init__(self.rows)
        self.folders, self.counts = folders, counts

    def on_mount(self):
        self.rows.put(self.folders, self.counts)
        self.rows.focus()


def lines(text):
    return [line.strip("┃ ").split("  ")[0].strip() for line in text.splitlines()[1:7]]


def test_folders_stand_under_each_other_with_their_numbers():
    said = shown(Treed(), size=(30, 10)).splitlines()
    assert [line.split() for line in said[1:6]] == [
        ["┃>▾", "all", "photos", "6/16┃"],
        ["┃", "▾", "2021", "5/9┃"],
        ["┃", "▾", "may", "5/9┃"],
        ["┃", "beach", "3/6┃"],
        ["┃", "2022", "0/5┃"],
    ]


def test_a_closed_folder_counts_everything_in_it():
    said = shown(Treed(), "down", "left", size=(30, 10)).splitlines()
    assert [line.split() for line in said[1:4]] == [
        ["┃", "▾", "all", "photos", "6/16┃"],
        ["┃>", "▸", "2021", "5/9┃"],
        ["┃", "2022", "0/5┃"],
    ]


def test_moving_points_and_enter_chooses():
    app = drive(Treed(), keys("down", "down", "enter", "down", "enter"))
    assert [one.path for one in app.said(FolderTree.FolderPointed)] == [
        "2021", "2021/may", "2021/may/beach",
    ]  # fmt: skip
    assert [one.folder for one in app.said(FolderTree.FolderChosen)] == [1, 2]


def test_left_goes_to_the_folder_above_and_right_into_one():
    app = drive(Treed(), keys("right", "right", "right", "left", "left", "left", "left"))
    pointed = [one.path for one in app.said(FolderTree.FolderPointed)]
    assert pointed == ["2021", "2021/may", "2021/may/beach", "2021/may", "2021"]
    assert app.rows.cursor == 1


def test_the_mouse_chooses_and_folds():
    async def act(pilot):
        await pilot.click(FolderTree, offset=(12, 5))
        await pilot.click(FolderTree, offset=(4, 2))

    app = drive(Treed(), act)
    assert [one.folder for one in app.said(FolderTree.FolderChosen)] == [3]
    assert len(app.rows.rows) == 3


def test_the_tree_follows_the_photos_without_telling():
    async def act(pilot):
        pilot.app.rows.move_to(1)
        pilot.app.rows.action_fold()
        await pilot.pause()
        pilot.app.heard.clear()
        pilot.app.rows.point_to(2)
        await pilot.pause()

    app = drive(Treed(), act)
    assert app.rows.cursor == 3
    assert app.said(FolderTree.FolderPointed) == []


def test_new_numbers_and_new_folders_keep_what_is_open():
    async def act(pilot):
        rows = pilot.app.rows
        rows.move_to(2)
        rows.action_fold()
        rows.put_counts(COUNTS * 2)
        assert rows.rows.row(2, 30)[-1][0] == " 10/18"
        rows.put([*FOLDERS, "2023"], np.vstack([COUNTS, [[9, 0, 0, 0]]]))
        assert (len(rows.rows), rows.cursor) == (5, 2)

    drive(Treed(), act)


def test_a_name_that_no_screen_can_show_is_escaped():
    folders = [".", "\udcff[b]\x1b[31m"]
    assert "\\xff[b]\\x1b[31m" in shown(Treed(folders, COUNTS[:2]))


def test_an_empty_tree_takes_every_key():
    app = Treed([], np.zeros((0, 4), np.int64))
    every = ("down", "up", "left", "right", "enter", "space", "G", "pagedown")
    assert "no folders yet" in shown(app, *every)


def test_thousands_of_folders_open_at_once():
    folders = [".", *(f"{year}/{day:04d}" for year in range(20) for day in range(250))]
    counts = np.ones((len(folders), 4), np.int64)

    async def act(pilot):
        rows = pilot.app.rows
        assert len(rows.rows) == 21
        rows.put(folders, counts)
        rows.put_counts(counts)
        rows.point_to(5000)
        assert len(rows.rows) == 271

    for size in SIZES:
        drive(Treed(folders, counts), act, size)


def test_deep_folders_leave_room_for_their_numbers():
    folders = [".", "/".join("abcdefghijklmnopqrstuvwxyz")]
    said = shown(Treed(folders, COUNTS[:2]), "G", size=(24, 40))
    assert "z" in said
    assert "2/3" in said


@given(st.sets(st.lists(st.sampled_from("abc"), max_size=4).map(tuple), max_size=30))
def test_every_folder_has_one_node_under_its_own(paths):
    folders = ["/".join(path) or "." for path in sorted(paths)]
    nodes = nodes_of(folders)
    found = {node.folder: node for node in nodes if node.folder is not None}
    assert {place: node.path for place, node in found.items()} == dict(enumerate(folders))
    for node in nodes[1:]:
        assert node.parent is not None
        assert node.path.startswith("" if node.depth == 1 else node.parent.path + "/")
        assert node in node.parent.below
        assert node.first >= node.parent.first
    assert len({node.path for node in nodes}) == len(nodes)


def test_a_name_is_cut_only_where_it_must_be_and_never_in_its_date():
    assert named("2024-04-08 Zoo", 14) == "2024-04-08 Zoo"
    assert named("2024-04-08 Zoo with Ana", 14) == "2024-04-08…Ana"
    assert named("20240408 Zoo with Ana", 13) == "20240408… Ana"
    assert named("2024-04-08 Zoo", 5) == "2024…"
    assert named("Zoo with all the children", 11) == "Zoo w…ldren"
    assert named("Zoo", 6) == "Zoo   "
