"""The folders with what is left to decide in each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len, set_cell_size
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message

from phototagger.core.checklist import Mark
from phototagger.printable import printable
from phototagger.tui.bindings import bindings_of
from phototagger.tui.widgets.text import shorten
from phototagger.tui.widgets.virtual_list import Piece, VirtualList

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


_OPEN_AT_ONCE = 200  # folders; of more only the first level begins open
_INDENT = 2
_LEAST = 24  # cells for names and numbers
_DATE = re.compile(r"\d{4}(?:[-_. ]?\d{2}){0,2}")
_DEEPEST = 10  # levels that are indented; deeper ones stand as far right as these


@dataclass
class Node:
    """A folder of the tree: its place in the listing (None where it has no photos of its own).

    ``first`` is the listing's first folder in it; ``within`` counts the photos of everything in
    it, (undecided, all).
    """

    name: str
    path: str
    depth: int
    parent: Node | None
    first: int
    folder: int | None = None
    open: bool = False
    below: list[Node] = field(default_factory=list)
    within: tuple[int, int] = (0, 0)


class FolderRows:
    """The folders in sight: those whose folders above are all open.

    ``shown`` are their nodes in the order of a walk, ``by_folder`` all nodes by their place in the
    listing. What was open ``before`` stays open.
    """

    def __init__(
        self,
        folders: Sequence[str] = (),
        counts: NDArray[np.int64] | None = None,
        before: FolderRows | None = None,
    ) -> None:
        self._tree: list[Node] = nodes_of(folders)
        was_open = {node.path: node.open for node in before._tree} if before else {}
        self.by_folder = {node.folder: node for node in self._tree if node.folder is not None}
        self.shown: list[Node] = []
        many = len(self._tree) > _OPEN_AT_ONCE
        for node in self._tree:
            node.open = bool(node.below) and was_open.get(node.path, not many or not node.depth)
        if counts is not None:
            self.count(counts)
        self.lay_out()

    def __len__(self) -> int:
        return len(self.shown)

    def index_of(self, path: str) -> int:
        """Return the row of a folder in sight, else the first row."""
        return next((row for row, node in enumerate(self.shown) if node.path == path), 0)

    def reveal(self, node: Node) -> int:
        """Open what a folder is in; return its row."""
        above, is_closed = node.parent, False
        while above is not None:
            is_closed |= not above.open
            above.open = True
            above = above.parent
        if is_closed:
            self.lay_out()
        return self.shown.index(node)

    def count(self, counts: NDArray[np.int64]) -> None:
        """Take new numbers, int64 [F, 4] by mark."""
        undecided = counts[:, Mark.UNDECIDED].tolist()
        photos = counts.sum(axis=1).tolist()
        for node in self._tree:
            at = node.folder
            node.within = (0, 0) if at is None else (undecided[at], photos[at])
        for node in reversed(self._tree):
            if node.parent is not None:
                left, everything = node.parent.within
                node.parent.within = (left + node.within[0], everything + node.within[1])

    def lay_out(self) -> None:
        """Make the rows of what is open; the nodes stand in the order of a walk."""
        self.shown = []
        hidden_below: int | None = None
        for node in self._tree:
            if hidden_below is not None and node.depth > hidden_below:
                continue
            hidden_below = None if node.open else node.depth
            self.shown.append(node)

    @property
    def wide(self) -> int:
        """How many cells the rows need so that no name is cut, whatever is open and decided."""
        return max(
            (
                _INDENT * min(node.depth, _DEEPEST) + 2 + cell_len(printable(node.name))
                + len(_numbers(node.within[1], node.within[1]))
                for node in self._tree
            ),
            default=0,
        )  # fmt: skip

    def row(self, index: int, width: int) -> Sequence[Piece]:
        """Return a folder's sign, name and numbers."""
        node = self.shown[index]
        left, photos = node.within
        numbers = _numbers(left, photos)
        indent = " " * min(_INDENT * min(node.depth, _DEEPEST), width // 3)
        sign = ("▾ " if node.open else "▸ ") if node.below else "  "
        room = width - len(indent) - len(sign) - len(numbers)
        return (
            (indent + sign, "dim"),
            (named(node.name, room), "bold" if left else ""),
            (numbers, "" if left else "dim"),
        )


class FolderTree(VirtualList):
    """The folders under the root; enter goes to one, left and right close and open."""

    DEFAULT_CSS = """
    FolderTree { border: round $foreground 40%; border-title-color: $foreground; }
    FolderTree:focus { border: heavy $border; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_of("left", "right"),
        ("enter", "choose"),
        ("space", "fold"),
    ]

    rows: FolderRows
    empty = "no folders yet"

    class FolderPointed(Message):
        """The person moved the cursor to the folder of this ``path``."""

        def __init__(self, path: str) -> None:
            self.path = path
            super().__init__()

        def can_replace(self, message: Message) -> bool:
            """Only the last of several moves matters."""
            return isinstance(message, FolderTree.FolderPointed)

    class FolderChosen(Message):
        """The person wants to go to a folder, a place in the listing's ``folders``.

        Of a folder without photos of its own it is the first one in it.
        """

        def __init__(self, folder: int) -> None:
            self.folder = folder
            super().__init__()

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(FolderRows(), id=id, classes=classes)
        self._needed = 0

    def put(self, folders: Sequence[str], counts: NDArray[np.int64]) -> None:
        """Show these folders: relative paths in the listing's order, and int64 [F, 4] by mark.

        Folders that were open stay open.
        """
        before = self.path
        self.rows = FolderRows(folders, counts, self.rows)
        self.border_title = "folders"
        needed, self._needed = self._needed, 1 + self.rows.wide
        self.changed(self.rows.index_of(before))
        if self._needed != needed:
            self.refresh(layout=True)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Return how many cells names and numbers need, and not less than most do."""
        return max(_LEAST, self._needed)

    def put_counts(self, counts: NDArray[np.int64]) -> None:
        """Show new numbers for the same folders."""
        self.rows.count(counts)
        self.refresh()

    def point_to(self, folder: int) -> None:
        """Put the cursor on a folder, without telling; opens what it is in."""
        node = self.rows.by_folder.get(folder)
        if node is not None and node is not self._pointed:
            self.changed(self.rows.reveal(node))

    @property
    def path(self) -> str:
        """The relative path of the folder under the cursor, nothing where there is none."""
        return self._pointed.path if self._pointed else ""

    @property
    def _pointed(self) -> Node | None:
        """The folder under the cursor."""
        return self.rows.shown[self.cursor] if self.rows.shown else None

    def move_to(self, index: int) -> bool:
        """Move the cursor, and tell which folder it is on."""
        moves = super().move_to(index)
        if moves and self._pointed:
            self.post_message(self.FolderPointed(self._pointed.path))
        return moves

    def click(self, index: int, x: int) -> None:
        """Open or close a folder at its sign, go to it anywhere else."""
        super().click(index, x)
        node = self.rows.shown[index]
        if x <= 1 + _INDENT * min(node.depth, _DEEPEST) and node.below:
            self.action_fold()
        else:
            self.action_choose()

    def action_choose(self) -> None:
        """Tell that the person wants to go to this folder."""
        if self._pointed:
            self.post_message(self.FolderChosen(self._pointed.first))

    def action_fold(self) -> None:
        """Open or close the folder under the cursor."""
        node = self._pointed
        if node and node.below:
            node.open = not node.open
            self.rows.lay_out()
            self.changed()

    def action_left(self) -> None:
        """Close the folder, or go to the one that it is in."""
        node = self._pointed
        if node and node.open:
            self.action_fold()
        elif node and node.parent:
            self.move_to(self.rows.shown.index(node.parent))

    def action_right(self) -> None:
        """Open the folder, or go to the first one in it."""
        node = self._pointed
        if node and node.below and not node.open:
            self.action_fold()
        elif node and node.below:
            self.move_to(self.cursor + 1)


def _numbers(left: int, photos: int) -> str:
    return f" {left}/{photos}" if photos else ""


def named(name: str, width: int) -> str:
    """Return a folder's name in so many cells: only one too long is cut, and never in its date."""
    name = printable(name)
    date = _DATE.match(name)
    tail = None if date is None else max(0, min(width // 2, width - 1 - len(date[0])))
    return set_cell_size(shorten(name, width, tail), max(width, 0))


def nodes_of(folders: Sequence[str]) -> list[Node]:
    """Return the tree of relative folders in the order of a walk, ``.`` above all others.

    Folders in between that hold no photos of their own get a node too.
    """
    node_of: dict[str, Node] = {}
    top = Node("all photos", ".", 0, None, 0)
    nodes = [top]
    for place, path in enumerate(folders):
        node = top
        parts = [] if path == "." else path.split("/")
        for depth, name in enumerate(parts, start=1):
            prefix = "/".join(parts[:depth])
            known = node_of.get(prefix)
            if known is None:
                known = node_of[prefix] = Node(name, prefix, depth, node, place)
                node.below.append(known)
                nodes.append(known)
            node = known
        node.folder = node.first = place
    return nodes if folders else []
