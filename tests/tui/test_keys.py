import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App
from textual.binding import Binding, BindingsMap

from phototagger.errors import SettingsError, UsageError
from phototagger.tui.bindings import all_bindings, bindings_of, footer_entries, palette_entries
from phototagger.tui.contexts import CONTEXTS, FOLDERS, LETTER_KEYS, PHOTOS, actions_in
from phototagger.tui.keys import ACTIONS, BY_NAME, GROUPS
from phototagger.tui.keys_said import key_table_markdown, rows_of
from phototagger.tui.rebinding import Bound, rebound, safe_key
from phototagger.tui.screens.help import help_rows
from phototagger.tui.widgets.footer import fitting
from tests.tui.driving import Stage, drive, keys

WRITTEN = {
    "left": "left h", "down": "down j", "up": "up k", "right": "right l", "page_up": "pageup",
    "page_down": "pagedown", "first": "g home", "last": "G end",
    "previous_folder": "[ K", "next_folder": "] J", "letters": ";", "find_label": "# =",
    "approve": "a enter", "toggle": "space", "check_over": "t",
    "approve_over": "T", "approve_all": "A", "sample": "P", "confirm": "Y", "clear": "c",
    "clear_all": "C", "raise": "+",
    "lower": "-", "search": "/", "alike": "*",
    "repeat": ".", "copy": "y", "paste": "p", "select": "v",
    "mark_all": "V", "label_list": "L", "make_stack": "B", "take_out": "x", "break_stack": "X",
    "open_stack": "b",
    "next_undecided": "n", "previous_undecided": "N", "filter": "f", "order": "s",
    "undo": "u backspace",
    "redo": "ctrl+r", "large": "0 z", "narrower": "<", "wider": ">",
    "info": "i", "write": "w", "export": "e", "run": "r",
    "settings": "o", "take_before": "O", "take_keywords": "E", "help": "?",
    "palette": "ctrl+p", "quit": "q",
    **{f"toggle_{n}": str(n) for n in range(1, 10)},
}  # fmt: skip
FREE = [action.name for action in ACTIONS if not action.fixed]
PLAIN = [*"abcdefghijklmnopqrstuvwxyzABCXYZ0123456789/?.+-*[]", "space", "enter", "up", "pagedown"]


def in_textual(bound: Bound) -> dict[str, set[str]]:
    """Return what Textual makes of the keys: each key with the actions that it runs."""
    made = BindingsMap(all_bindings())
    made.apply_keymap(App._normalize_keymap(bound.keymap))
    return {key: {one.id for one in found} for key, found in made.key_to_bindings.items()}


def table_of(bound: Bound) -> dict[str, set[str]]:
    """Return the same of the table, with keys as Textual spells them."""
    return {
        next(iter(BindingsMap([(key, "")]).key_to_bindings)): {action.name}
        for action in bound.actions
        if action.name != "palette"
        for key in action.keys
    }


def test_every_key_that_was_promised_is_in_the_table():
    assert {name: " ".join(BY_NAME[name].keys) for name in WRITTEN} == WRITTEN
    assert set(BY_NAME) - set(WRITTEN) == {"next_part", "leave"}


def test_no_key_belongs_to_two_actions_and_all_arrive_in_every_terminal():
    every = [key for action in ACTIONS for key in action.keys]
    assert len(every) == len(set(every))
    assert {key for key in every if safe_key(key) is None} == {"tab", "escape"}


def test_every_action_is_said_in_a_sentence_of_a_known_group():
    assert len(BY_NAME) == len(ACTIONS)
    for action in ACTIONS:
        assert action.group in GROUPS
        assert re.fullmatch(r"[A-Z].*\.", action.sentence)
        assert re.fullmatch(r"[a-z][a-z_]*\d?", action.name)
    groups = [action.group for action in ACTIONS]
    assert groups == sorted(groups, key=GROUPS.index)


def test_the_table_is_read_without_textual():
    script = (
        "import sys, phototagger.tui.rebinding as r\n"
        "r.rebound({'approve': 'M'})\n"
        "from phototagger.tui.keys_said import key_table_markdown as k; k()\n"
        "assert 'textual' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_bindings_carry_the_name_of_their_action():
    found = bindings_of("approve", "toggle_3")
    assert [(one.key, one.action, one.id) for one in found] == [
        ("a", "approve", "approve"),
        ("enter", "approve", "approve"),
        ("3", "toggle_3", "toggle_3"),
    ]
    assert {one.id for one in all_bindings()} == set(BY_NAME) - {"palette"}


def test_the_readme_table_has_a_row_for_every_action():
    table = key_table_markdown()
    assert "| `a` `enter` | Approve what is checked" in table
    assert "| `1` … `9` | Check or uncheck one of the first nine labels. |" in table
    photos, *others = table.split("\n**")
    assert photos.count("\n") == len(ACTIONS) - 8 + 2
    assert [one.partition("**")[0] for one in others] == [
        "Open stack", "Folders", "Labels", "Letter keys", "Finding a label", "Searching",
        "Label list", "Pages", "Sample",
    ]  # fmt: skip
    assert all(line.count("|") in {0, 4} for line in table.splitlines())


def test_each_context_says_its_own_keys_and_those_that_mean_the_same():
    here = {one.name: one.keys for one in actions_in(LETTER_KEYS)}
    assert here["letters_off"] == ("escape", "q", "tab")
    assert here["left"] == ("left",)  # h is a label's
    assert here["find_label"] == ("#", "=")
    assert not {"filter", "copy", "quit"} & set(here)
    assert actions_in(PHOTOS) == list(ACTIONS)
    for context in CONTEXTS:
        keys = [key for one in actions_in(context) for key in one.keys]
        assert len(keys) == len(set(keys))


def test_the_footer_of_a_context_names_keys_of_it_each_once():
    for context in CONTEXTS:
        names = [action.name for action in actions_in(context)]
        assert set(context.footer) <= set(names)
        assert len(context.footer) == len(set(context.footer)) > 3
    assert not {"approve", "toggle_1", "clear", "repeat", "take_before"} & set(FOLDERS.same)


def test_a_footer_shows_as_much_as_fits_and_always_how_to_get_help_and_out():
    entries = footer_entries(Bound())
    for width in range(20, 300, 7):
        shown = fitting(entries, width)
        assert shown[-2:] == [("?", "help", "help"), ("q", "quit", "quit")]
        assert shown[:-2] == entries[: len(shown) - 2]
        wide = sum(len(f"{key} {word}") + 2 for key, word, _ in shown) - 2
        assert wide <= width
        if len(shown) < len(entries):
            key, word, _ = entries[len(shown) - 2]
            assert wide + len(f"{key} {word}") + 2 > width


def test_the_keys_of_a_context_are_those_in_force():
    bound = rebound(
        {
            "redo": "backspace",
            "undo": "u",
            "large": "z",
            "toggle_1": "0",
            "repeat": "=",
            "find_label": "#",
        }
    )
    here = {one.name: one.keys for one in actions_in(LETTER_KEYS, bound.actions)}
    assert "large" not in here
    assert here["repeat"] == ("=",)


def test_footer_and_palette_follow_the_keys_in_force():
    bound = rebound({"undo": "M"})
    assert ("M", "undo", "undo") in footer_entries(bound)
    titles = [title for title, _, _ in palette_entries(bound)]
    assert "undo (M)" in titles
    assert "approve all (A)" in titles
    assert not any(title.startswith("left") for title in titles)


def test_an_action_can_have_another_key_or_several():
    bound = rebound({"approve": "M space", "toggle": "a", "undo": "pgup", "page_up": "u"})
    assert bound.keymap == {
        "approve": "M,space", "toggle": "a", "undo": "pageup", "page_up": "u",
    }  # fmt: skip
    assert bound.action("approve").keys == ("M", "space")
    assert bound.action("search").keys == ("/",)
    assert rebound({}) == Bound()


def test_an_action_with_several_keys_gives_way_with_all_but_one():
    bound = rebound({"approve": "0 J", "repeat": "backspace"})
    assert bound.action("large").keys == ("z",)
    assert bound.action("next_folder").keys == ("]",)
    assert bound.action("undo").keys == ("u",)
    assert in_textual(bound) == table_of(bound)
    with pytest.raises(UsageError, match="0 would be the key of approve and toggle"):
        rebound({"approve": "0", "toggle": "0"})


def test_every_mistake_is_told_at_once_with_the_nearest_action():
    wrong = {
        "aprove": "x", "undo": "f5", "redo": "ctrl+a", "search": "q", "help": "", "leave": "b",
    }  # fmt: skip
    with pytest.raises(UsageError) as caught:
        rebound(wrong, "config.yaml:3: keys")
    assert isinstance(caught.value, SettingsError)
    said = caught.value.mistakes
    assert said[0] == "config.yaml:3: keys: aprove: no such action; the nearest is approve"
    assert said[1].startswith("config.yaml:3: keys: undo: f5 is no key that arrives in every")
    assert said[2].startswith("config.yaml:3: keys: redo: ctrl+a is no key")
    assert said[3].startswith("config.yaml:3: keys: help: needs a key")
    assert said[4] == "config.yaml:3: keys: leave: always has its own key, esc"
    assert said[5].startswith("config.yaml:3: keys: q would be the key of search and quit")
    assert len(said) == 6


def test_a_hostile_key_is_shown_safely_and_shortly():
    with pytest.raises(UsageError) as caught:
        rebound({"\x1b[31m" + "x" * 500: "\x1b"})
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 320


@given(st.dictionaries(st.sampled_from(FREE), st.sampled_from(PLAIN), max_size=8))
def test_whatever_is_accepted_gives_every_key_one_action(wanted):
    try:
        bound = rebound(wanted)
    except UsageError:
        taken = {key for one in ACTIONS if one.name not in wanted for key in one.keys}
        assert len(set(wanted.values())) < len(wanted) or taken & set(wanted.values())
        return
    every = [key for action in bound.actions for key in action.keys]
    assert len(every) == len(set(every))
    assert {name: bound.action(name).keys for name in wanted} == {
        name: (key,) for name, key in wanted.items()
    }
    assert set(bound.keymap) >= set(wanted)
    assert in_textual(bound) == table_of(bound)


@given(st.dictionaries(st.text(max_size=12), st.text(max_size=6), max_size=4))
def test_whatever_is_written_is_taken_or_refused(wanted):
    try:
        bound = rebound(wanted)
    except UsageError:
        pass
    else:
        assert set(wanted) <= set(BY_NAME)
        assert all(safe_key(key) for name in wanted for key in bound.action(name).keys)


@given(st.permutations(FREE))
def test_all_keys_can_change_places(order):
    pairs = {name: BY_NAME[other].keys[0] for name, other in zip(FREE, order, strict=True)}
    bound = rebound(pairs)
    assert {one.name: one.keys for one in bound.actions if not one.fixed} == {
        name: (key,) for name, key in pairs.items()
    }
    assert in_textual(bound) == table_of(bound)


def test_a_rebound_key_acts_once_and_the_old_one_no_more():
    done = []

    class Keyed(Stage):
        BINDINGS: list[Binding] = bindings_of("approve", "clear", "search")

        def on_mount(self):
            wanted = {"approve": "c", "clear": "a", "search": "+", "raise": "0"}
            self.set_keymap(rebound(wanted).keymap)

        def action_approve(self):
            done.append("approve")

        def action_clear(self):
            done.append("clear")

        def action_search(self):
            done.append("search")

    drive(Keyed(), keys("c", "a", "enter", "plus", "slash"))
    assert done == ["approve", "clear", "search"]


def test_the_digits_stay_one_row_of_the_help_when_they_are_rebound():
    rows = rows_of(rebound({"toggle_1": "0"}).actions)
    assert next(row for row in rows if row[2].startswith("toggle_"))[1] == "0 2 3 4 5 6 7 8 9"


@pytest.mark.parametrize("context", CONTEXTS, ids=lambda context: context.name)
def test_the_help_has_each_heading_once(context):
    rows = help_rows(Bound(), 100, context)
    headings = [row[0][0] for row in rows if row and row[0][1] == "mark bold"]
    assert len(headings) == len(set(headings)) > 1
