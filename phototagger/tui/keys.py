"""Every key of the review, once: bindings, help, palette, footer and docs come from here.

Only keys that arrive in every terminal, tmux and ssh included, stand in the table. It is read
without Textual, so that a command can check ``keys`` in milliseconds; see ``bindings``. What keys
mean elsewhere than among the photos stands in ``contexts``.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

Handlers = Mapping[str, Callable[[], object]]
"""What a part of the review does, by the names of the actions."""


class Action(NamedTuple):
    """Something the person can do: its name, its keys, and how it is said.

    ``short`` stands in the footer and the palette, ``sentence`` in the help. ``fixed``: its key
    cannot be changed, because every screen relies on it.
    """

    name: str
    keys: tuple[str, ...]
    short: str
    sentence: str
    group: str
    fixed: bool = False


MOVE, DECIDE, MANY, SHOW, JOBS = "Move", "Decide", "Decide on many", "Show", "Jobs and the rest"
GROUPS = (MOVE, DECIDE, MANY, SHOW, JOBS)
DIGITS = "123456789"


def _toggles() -> Iterable[Action]:
    for digit in DIGITS:
        sentence = f"Check or uncheck label {digit}."
        yield Action(f"toggle_{digit}", (digit,), f"label {digit}", sentence, DECIDE)


ACTIONS: tuple[Action, ...] = (
    Action("left", ("left", "h"), "left", "Left; in the folders: close, or the one above.", MOVE),
    Action("down", ("down", "j"), "down", "Down.", MOVE),
    Action("up", ("up", "k"), "up", "Up.", MOVE),
    Action("right", ("right", "l"), "right", "Right; in the folders: open.", MOVE),
    Action("page_up", ("pageup",), "page up", "One page up.", MOVE),
    Action("page_down", ("pagedown",), "page down", "One page down.", MOVE),
    Action("first", ("g", "home"), "first", "To the first one.", MOVE),
    Action("last", ("G", "end"), "last", "To the last one.", MOVE),
    Action("previous_folder", ("[", "K"), "previous folder", "To the previous folder.", MOVE),
    Action("next_folder", ("]", "J"), "next folder", "To the next folder.", MOVE),
    Action("next_undecided", ("n",), "next undecided", "To the next undecided photo.", MOVE),
    Action(
        "previous_undecided",
        ("N",),
        "previous undecided",
        "To the previous undecided photo.",
        MOVE,
    ),
    Action(
        "next_part",
        ("tab",),
        "next part",
        "To the next part of the screen: folders, photos, labels (shift+tab: back).",
        MOVE,
        fixed=True,
    ),
    Action(
        "approve",
        ("a", "enter"),
        "approve",
        "Approve what is checked, next photo; enter in the folders: go there.",
        DECIDE,
    ),
    *_toggles(),
    Action(
        "check_over",
        ("t",),
        "check over threshold",
        "Check all labels over the threshold, where you changed no checks.",
        DECIDE,
    ),
    Action(
        "clear",
        ("c",),
        "clear",
        "Uncheck everything, and make a decided photo undecided again.",
        DECIDE,
    ),
    Action(
        "letters",
        (";",),
        "letter keys",
        "Give every label on the screen a key of its own; it stays so from photo to photo.",
        DECIDE,
    ),
    Action(
        "find_label",
        ("#", "="),
        "find label",
        "Find any label by typing, with the photo in view.",
        DECIDE,
    ),
    Action(
        "take_before",
        ("O",),
        "old decisions",
        "Take the decisions of the picture before, where the picture changed or was copied.",
        DECIDE,
    ),
    Action(
        "take_keywords",
        ("E",),
        "keywords",
        "Check the keywords that the photo or its sidecar has (¶).",
        DECIDE,
    ),
    Action("repeat", (".",), "repeat", "Check the labels of the last approved photo.", DECIDE),
    Action("copy", ("y",), "copy", "Copy the labels that are checked here.", DECIDE),
    Action("paste", ("p",), "paste", "Check exactly the copied labels.", DECIDE),
    Action("raise", ("+",), "raise threshold", "Raise the threshold.", DECIDE),
    Action("lower", ("-",), "lower threshold", "Lower the threshold.", DECIDE),
    Action(
        "undo",
        ("u", "backspace"),
        "undo",
        "Undo, as often as you like, across restarts.",
        DECIDE,
    ),
    Action("redo", ("ctrl+r",), "redo", "Redo what was undone.", DECIDE),
    Action(
        "toggle",
        ("space",),
        "mark",
        "Mark the photo, or unmark it; in the labels: check or uncheck the one under the cursor.",
        MANY,
    ),
    Action(
        "select",
        ("v",),
        "range",
        "Begin a range here, or mark the one that was begun; keys then ask about what is marked.",
        MANY,
    ),
    Action(
        "mark_all",
        ("V",),
        "mark all",
        "Mark everything shown; where all of it is marked, unmark it.",
        MANY,
    ),
    Action(
        "approve_all",
        ("A",),
        "approve all",
        "Approve everything shown, or what is marked, as checked, after saying how much.",
        MANY,
    ),
    Action(
        "approve_over",
        ("T",),
        "approve over threshold",
        "Approve what is over the threshold in the folder, or what is marked; drafts are left.",
        MANY,
    ),
    Action(
        "sample",
        ("P",),
        "approve with a number",
        "Approve the rest where a random sample proves how often it is right; goes on with it.",
        MANY,
    ),
    Action(
        "confirm",
        ("Y",),
        "confirm",
        "Confirm what certificates approved: on the photos on the screen, or what is marked.",
        MANY,
    ),
    Action(
        "clear_all",
        ("C",),
        "clear all",
        "Uncheck everything and make undecided: each photo of the folder, or what is marked.",
        MANY,
    ),
    Action(
        "make_stack",
        ("B",),
        "make stack",
        "Make one stack of the marked photos, which are in one folder.",
        MANY,
    ),
    Action(
        "take_out",
        ("x",),
        "take out",
        "In an open stack: let the photo stand alone; elsewhere nothing is rejected, c clears.",
        MANY,
    ),
    Action(
        "break_stack",
        ("X",),
        "break stack",
        "In an open stack: let all of its photos stand alone.",
        MANY,
    ),
    Action("label_list", ("L",), "label list", "Decide by label: list all, open pages.", MANY),
    Action(
        "filter",
        ("f",),
        "filter",
        "Choose which photos are shown, by how they stand: undecided, approved, marked and so on.",
        SHOW,
    ),
    Action(
        "order",
        ("s",),
        "order",
        "Choose their order: by folder, most uncertain first, by one label's score.",
        SHOW,
    ),
    Action(
        "search",
        ("/",),
        "search",
        "Search as you type: words, names, label:dog, camera:canon, 2024-04; esc goes back.",
        SHOW,
    ),
    Action(
        "alike",
        ("*",),
        "alike",
        "Show what is like the photo under the cursor, or like what is marked; esc goes back.",
        SHOW,
    ),
    Action(
        "open_stack",
        ("b",),
        "open stack",
        "Open a stack, so that each of its photos stands in a cell of its own; close it again.",
        SHOW,
    ),
    Action(
        "large",
        ("0", "z"),
        "large",
        "Show the photo itself; again: 100 %, arrows move about; again: small.",
        SHOW,
    ),
    Action("narrower", ("<",), "narrower folders", "Make the folders narrower.", SHOW),
    Action("wider", (">",), "wider folders", "Make the folders wider.", SHOW),
    Action("info", ("i",), "info", "Show or hide information: EXIF, existing keywords.", SHOW),
    Action("write", ("w",), "write sidecars", "Write sidecars, after showing the changes.", JOBS),
    Action("export", ("e",), "export", "Write the tables: CSV and Parquet.", JOBS),
    Action("run", ("r",), "run", "Start a step: scan, embed, score and so on.", JOBS),
    Action("settings", ("o",), "settings", "Show the settings.", JOBS),
    Action("help", ("?",), "help", "Show this help.", JOBS),
    Action(
        "palette",
        ("ctrl+p",),
        "palette",
        "Search every action by its name.",
        JOBS,
        fixed=True,
    ),
    Action(
        "leave",
        ("escape",),
        "leave",
        "Leave a dialog, the open range, what was searched for, back to the photos; marks stay.",
        JOBS,
        fixed=True,
    ),
    Action("quit", ("q",), "quit", "Quit; everything is kept, nothing to save.", JOBS),
)

BY_NAME: Mapping[str, Action] = {action.name: action for action in ACTIONS}
