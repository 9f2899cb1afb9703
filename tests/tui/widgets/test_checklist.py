import time

from phototagger.core import checklist as review
from phototagger.core.checklist import Line
from phototagger.tui.widgets.checklist import LabelList
from tests.tui.driving import SIZES, Stage, drive, keys, screen_text, shown


def listed(count=5, **known):
    lines = [
        Line(
            f"label {place}",
            cosine=0.25 - (place - 1) / 1000 if place else 0.2,
            score=0.9 if place == 0 else None,
            suggested=place < 2,
            decided={1: True, 2: False}.get(place),
        )
        for place in range(count)
    ]
    return review.checklist(lines, decided=False, **known)


class Listed(Stage):
    def __init__(self, now, photo=1):
        self.rows = LabelList()
        super().__init__(self.rows)
        self.now, self.photo = now, photo

    def on_mount(self):
        self.rows.put(self.photo, self.now)
        self.rows.focus()


def test_a_row_says_digit_box_decision_label_number_and_arrow():
    said = shown(Listed(listed()), size=(38, 10)).splitlines()
    assert said[0].startswith("┏━ will be approved (2) ━")
    assert said[1].split() == ["┃>1", "■", "label", "0", "90↑┃"]
    assert said[2].split() == ["┃", "2", "■", "✓", "label", "1", "~50", "┃"]
    assert said[3].startswith("┃ ─ not checked (50 is the line) ──")
    assert said[4].split() == ["┃", "3", "□", "✗", "label", "2", "~49", "┃"]
    assert "changed" not in "".join(said)


def test_where_there_is_room_a_bar_shows_the_number():
    said = shown(Listed(listed()), size=(60, 10)).splitlines()
    assert "▮▮▮▮▮  90↑" in said[1]
    assert "▮▮▮▯▯ ~50" in said[2]
    assert "▮▮▮▯▯ ~49" in said[4]


def test_only_the_first_nine_have_digits():
    said = shown(Listed(listed(12)), size=(40, 16)).splitlines()
    assert said[10].split()[1] == "9"
    assert said[11].split()[1] == "□"


def test_the_cursor_steps_over_the_line_between_the_parts():
    app = drive(Listed(listed()), keys("down", "down", "space", "up", "up", "space"))
    assert [one.label for one in app.said(LabelList.Toggled)] == ["label 2", "label 0"]
    app = drive(Listed(review.checklist([Line("a", 0.1)], decided=False)), keys("up", "space"))
    assert [one.label for one in app.said(LabelList.Toggled)] == ["a"]


def test_unsaved_changes_are_said_on_every_width():
    draft = review.Draft(frozenset({"label 3", "added here"}))
    for width, words in ((40, "changed, not yet approved"), (24, "not yet approved")):
        said = shown(Listed(listed(draft=draft)), size=(width, 10))
        assert words in said
        assert " approve" in said
        assert "(2)" in said
    assert "added here" in shown(Listed(listed(draft=draft)), size=(40, 10))


def test_a_long_label_keeps_both_ends():
    now = review.checklist([Line("the one at the beginning " * 5 + "end", 0.5)], decided=False)
    said = shown(Listed(now), size=(40, 6))
    assert "the one" in said
    assert "end" in said
    assert "…" in said


def test_space_and_a_click_tell_which_label():
    async def act(pilot):
        await pilot.press("down", "space")
        await pilot.click(LabelList, offset=(6, 5))

    app = drive(Listed(listed()), act)
    assert [one.label for one in app.said(LabelList.Toggled)] == ["label 1", "label 3"]
    assert [one.label for one in app.said(LabelList.Pointed)] == ["label 1", "label 3"]


def drawn(app):
    return set(app.rows.drawn(app.photo, time.monotonic()))


def test_labels_count_as_seen_once_they_were_drawn():
    seen = []

    async def act(pilot):
        before = time.monotonic()
        seen.append(drawn(app))
        await pilot.press("pagedown", "pagedown", "up", "up")
        seen.append(drawn(app))
        assert set(app.rows.drawn(1, before)) == seen[0]
        assert app.rows.drawn(2, time.monotonic()) == []
        app.rows.put(2, listed(100))
        assert app.rows.drawn(2, time.monotonic()) == []

    app = Listed(listed(100))
    drive(app, act, size=(40, 22))
    assert seen[0] == {f"label {n}" for n in range(19)}  # of twenty rows one is the line between
    assert {f"label {n}" for n in range(38)} <= seen[1] < {f"label {n}" for n in range(100)}


def test_another_photo_is_shown_from_its_first_label_on():
    async def act(pilot):
        pilot.app.rows.move_to(50)
        pilot.app.rows.put(2, listed(100))
        await pilot.pause()

    app = drive(Listed(listed(100)), act)
    assert app.rows.cursor == 0
    assert app.rows.scroll_offset.y == 0


def test_the_cursor_stays_on_its_label_when_the_same_photo_is_shown_again():
    async def act(pilot):
        pilot.app.rows.go_to("label 40")
        now = review.checklist(pilot.app.now.lines[30:], decided=False)
        pilot.app.rows.put(1, now)

    app = drive(Listed(listed(100)), act)
    assert app.rows.label == "label 40"


def test_thousands_of_labels_are_drawn_at_every_size():
    for size in SIZES:
        assert "label 19999" in shown(Listed(listed(20000)), "G", size=size)


def test_no_labels_are_said_to_be_none():
    app = Listed(listed(0))
    assert "no labels" in shown(app, "down", "space", "G")
    assert app.said(LabelList.Toggled) == []


def test_it_is_readable_without_colour(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    app = Listed(listed())

    async def act(pilot):
        assert ">1 ■" in screen_text(pilot.app)

    drive(app, act)
