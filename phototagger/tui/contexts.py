"""Where keys mean something of their own: the places of the review, and what can be done there.

Read without Textual, like ``keys``.
"""

from collections.abc import Iterable
from typing import NamedTuple

from phototagger.tui.keys import ACTIONS, BY_NAME, DIGITS, Action


class Context(NamedTuple):
    """Where keys mean something of their own.

    ``own`` are the keys that do; they cannot be changed. ``same`` names what the other keys do,
    each as among the photos; what it does not name does nothing there. ``footer`` names what the
    footer says: the first ones first, as many as fit, and always the last two.
    """

    name: str
    own: tuple[Action, ...] = ()
    same: tuple[str, ...] = ()
    footer: tuple[str, ...] = ()


PHOTOS = Context(
    "photos",
    same=tuple(action.name for action in ACTIONS),
    footer=(
        *("approve", "clear", "letters", "find_label", "undo", "select", "filter", "order"),
        *("open_stack", "next_undecided", "next_folder", "toggle", "repeat", "large", "search"),
        *("alike", "write"),
        *("info", "mark_all", "approve_all", "approve_over", "sample", "check_over", "settings"),
        *("run", "export"),
        *("help", "quit"),
    ),
)

_STACK = "Open stack"
STACK = Context(
    "open stack",
    own=(
        Action("next_undecided", ("n",), "next undecided", "To the next undecided one.", _STACK),
        Action("open_stack", ("b", "q", "escape"), "close", "Close the stack.", _STACK),
        Action("take_out", ("x",), "take out", "Let this photo stand alone.", _STACK),
        Action("break_stack", ("X",), "break", "Let all of its photos stand alone.", _STACK),
    ),
    same=tuple(
        action.name
        for action in ACTIONS
        if action.name not in {"next_undecided", "open_stack", "take_out", "break_stack"}
        and action.name not in {"quit", "leave"}
    ),
    footer=(
        *("approve", "next_undecided", "take_out", "break_stack", "clear"),
        *("letters", "find_label", "undo", "toggle", "large", "help", "open_stack"),
    ),
)

_FOLDERS = "Folders"
FOLDERS = Context(
    "folders",
    own=(
        Action("enter_folder", ("enter",), "go there", "Go to the folder's photos.", _FOLDERS),
        Action("fold", ("space",), "open, close", "Open or close the folder.", _FOLDERS),
    ),
    same=(
        *("left", "down", "up", "right", "page_up", "page_down", "first", "last"),
        *("previous_folder", "next_folder", "next_undecided", "previous_undecided"),
        *(
            "filter",
            "order",
            "raise",
            "lower",
            "search",
            "undo",
            "redo",
            "large",
            "write",
            "export",
        ),
        *("info", "run", "settings", "help", "palette", "leave", "quit", "next_part"),
        *("narrower", "wider"),
    ),
    footer=(
        *("enter_folder", "fold", "leave", "wider", "narrower", "next_part", "next_undecided"),
        *(
            "filter",
            "order",
            "search",
            "undo",
            "write",
            "export",
            "settings",
            "run",
            "help",
            "quit",
        ),
    ),
)

_LABELS = "Labels of the photo"
LABELS = Context(
    "labels",
    own=(
        Action(
            "check_here",
            ("space",),
            "check",
            "Check the label under the cursor, or not.",
            _LABELS,
        ),
    ),
    same=tuple(action.name for action in ACTIONS if action.name != "toggle"),
    footer=(
        *("check_here", "approve", "page_down", "leave", "find_label", "clear", "letters", "undo"),
        *("check_over", "repeat", "copy", "paste", "raise", "lower", "info", "next_undecided"),
        *("next_folder", "large", "help", "quit"),
    ),
)

_LETTERS = "Letter keys"
LETTER_KEYS = Context(
    "letter keys",
    own=(
        Action(
            "check",
            ("letter",),
            "check",
            "Check or uncheck the label with this letter; q and u are no label's.",
            _LETTERS,
        ),
        Action(
            "chord",
            ("LETTER",),
            "+approve",
            "Check or uncheck its label, approve the photo and go on: one act, one undo.",
            _LETTERS,
        ),
        Action("digit", ("1 … 9",), "check", "The same for the labels with digits.", _LETTERS),
        Action("approve", ("enter",), "approve", "Approve what is checked, next photo.", _LETTERS),
        Action("bank", (",",), "more", "The next key is of the second bank, such as ,a.", _LETTERS),
        Action("undo", ("backspace", "u"), "undo", "Undo.", _LETTERS),
        Action("open_stack", (">",), "stack", "Open the stack, or close it.", _LETTERS),
        Action(
            "open_before", ("<",), "back", "Go back into the stack before this photo.", _LETTERS
        ),
        BY_NAME["find_label"]._replace(short="find", group=_LETTERS),
        Action(
            "letters_off",
            ("escape", "q", "tab"),
            "out",
            "Leave letter keys; esc closes first what is open.",
            _LETTERS,
        ),
    ),
    same=(
        *("left", "down", "up", "right", "page_up", "page_down", "first", "last"),
        *("previous_folder", "next_folder", "search", "alike", "repeat", "raise", "lower"),
        *("redo", "toggle", "large", "help", "palette"),
    ),
    footer=(
        *("check", "chord", "approve", "bank", "undo", "toggle", "large", "repeat", "next_folder"),
        *("open_stack", "open_before", "previous_folder", "search", "help"),
        *("find_label", "letters_off"),
    ),
)

_FINDING = "Finding a label"
FINDER = Context(
    "finding a label",
    own=(
        Action("find_next", ("down", "up"), "move", "To another label that was found.", _FINDING),
        Action(
            "find_add",
            ("enter",),
            "add",
            "Check the label; a new word only where the cursor was moved to it.",
            _FINDING,
        ),
        Action(
            "find_approve",
            ("tab",),
            "add, approve",
            "Check the label, approve the photo and go on; never with a new word.",
            _FINDING,
        ),
        Action(
            "find_give",
            ("shift+tab",),
            "on all",
            "Approve this label alone on what is marked, or in the whole folder, after asking.",
            _FINDING,
        ),
        Action("find_leave", ("escape",), "leave", "Close the field.", _FINDING),
    ),
    footer=("find_add", "find_approve", "find_next", "find_give", "find_leave"),
)

_SEARCH = "Searching"
SEARCHING = Context(
    "searching",
    own=(
        Action("move_among", ("down", "up"), "move", "Move among what was found.", _SEARCH),
        Action("page_among", ("pagedown", "pageup"), "page", "Move by pages.", _SEARCH),
        Action("keep_found", ("enter",), "keep", "Keep what was found; decide there.", _SEARCH),
        Action("drop_found", ("escape",), "back", "Back to where you were.", _SEARCH),
    ),
    footer=("move_among", "page_among", "keep_found", "drop_found"),
)

_LIST = "Label list"
LABEL_LIST = Context(
    "label list",
    own=(
        Action("open_label", ("enter", "l"), "pages", "Show the pages of the label.", _LIST),
        Action("next_open", ("n",), "next open", "To the next label that expects any.", _LIST),
        Action("filter_labels", ("/",), "filter", "Show labels that hold some letters.", _LIST),
        Action("order_labels", ("s",), "order", "Put the labels in another order.", _LIST),
        Action("set_letter", (";",), "letter", "The next key becomes its letter key.", _LIST),
        Action("rename_label", ("R",), "rename", "Call the label otherwise.", _LIST),
        Action("merge_label", ("M",), "merge", "Make the label part of another one.", _LIST),
        Action("give_synonym", ("=",), "synonym", "Let another word mean the label.", _LIST),
        Action("remove_label", ("x",), "remove", "No longer suggest it; forget it.", _LIST),
        Action("leave_list", ("q", "escape", "h"), "back", "Back to the photos.", _LIST),
    ),
    same=("down", "up", "page_up", "page_down", "first", "last", "undo", "redo", "help"),
    footer=(
        *("open_label", "next_open", "filter_labels", "order_labels", "set_letter", "undo"),
        *("rename_label", "merge_label", "give_synonym", "remove_label"),
        *("help", "leave_list"),
    ),
)

_PAGES = "Pages of a label"
PAGES = Context(
    "pages",
    own=(
        Action("flip", ("letter",), "flip", "Make YES no, or no YES; never q and u.", _PAGES),
        Action("flip_accept", ("LETTER",), "flip, accept", "Flip it, accept the page.", _PAGES),
        Action("accept_page", ("enter",), "accept", "Decide the label on these photos.", _PAGES),
        Action("all_yes", ("+",), "all YES", "Make all of the page YES.", _PAGES),
        Action("all_no", ("-",), "all no", "Make all of the page no.", _PAGES),
        Action("flip_here", ("space",), "flip here", "Flip the photo at the cursor.", _PAGES),
        Action("page_taken_back", ("backspace", "u"), "page back", "Take a page back.", _PAGES),
        Action("page_again", ("ctrl+r",), "page again", "Accept that page again.", _PAGES),
        Action("skip_page", ("pagedown",), "skip", "Leave it undecided; go on.", _PAGES),
        Action("look_back", ("pageup",), "look back", "Show the page before.", _PAGES),
        Action("random_page", ("*",), "random", "A page of any unseen photos.", _PAGES),
        Action(
            "large", ("0",), "large", "Show the photo at the cursor itself; again: 100 %.", _PAGES
        ),
        Action("leave_pages", ("escape", "q"), "list", "Back to the label list.", _PAGES),
    ),
    same=("left", "down", "up", "right", "help"),
    footer=(
        *("flip", "flip_accept", "accept_page", "skip_page", "page_taken_back", "large"),
        *("all_yes", "all_no", "look_back", "random_page", "help", "leave_pages"),
    ),
)
PAGES_STOPPED = PAGES._replace(
    footer=("skip_page", "random_page", "page_taken_back", "look_back", "help", "leave_pages")
)
"""Pages where no photo is shown: no key decides anything."""

_SAMPLE = "Sample of a certificate"
SAMPLE = Context(
    "sample",
    own=(
        Action("answer", ("letter",), "true, not", "Say that the label is true, or not.", _SAMPLE),
        Action("next_look", ("enter",), "next", "Keep the answer, show the next photo.", _SAMPLE),
        Action("look_before", ("backspace",), "back", "Answer the photo before again.", _SAMPLE),
        Action(
            "large", ("0", "z"), "large", "Show the photo itself, alone; again: 100 %.", _SAMPLE
        ),
        Action("leave_sample", ("escape", "q"), "stop", "Stop here; P goes on.", _SAMPLE),
    ),
    same=("help",),
    footer=("answer", "next_look", "look_before", "large", "help", "leave_sample"),
)
CONTEXTS = (
    *(PHOTOS, STACK, FOLDERS, LABELS, LETTER_KEYS, FINDER, SEARCHING, LABEL_LIST, PAGES, SAMPLE),
)


def is_letter_key(key: str) -> bool:
    """Tell whether a key means something of its own while letter keys are on."""
    own = {"enter", "escape", "tab", "backspace", ",", ";", "<", ">", *DIGITS}
    return key in own or (len(key) == 1 and key.isalpha())


def actions_in(context: Context, actions: Iterable[Action] = ACTIONS) -> list[Action]:
    """Return what can be done in a context, with its keys there; ``actions`` are those in force."""
    named = {action.name: action for action in actions}
    same = [named[name] for name in context.same]
    if context in {LETTER_KEYS, PAGES}:
        with_keys = [
            (action, tuple(key for key in action.keys if not is_letter_key(key))) for action in same
        ]
        same = [action._replace(keys=keys) for action, keys in with_keys if keys]
    return [*context.own, *same]
