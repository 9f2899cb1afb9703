"""The screen of the review: folders, photos, the focused photo with its labels, one line of state.

It owns the widgets and shows what it is told; what the person does is in the objects beside it,
each of which says by ``actions`` which words of the table of keys are its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen

from phototagger.engine.advice import told
from phototagger.formats import said_of
from phototagger.printable import printable
from phototagger.review import TROUBLE, Act, Review
from phototagger.review.by_label.label_names import other_words, shown_label
from phototagger.review.proposals import regions
from phototagger.review.stacks.cells import StackCells
from phototagger.tui.arriving import Arriving
from phototagger.tui.bindings import all_bindings
from phototagger.tui.contexts import FOLDERS
from phototagger.tui.engine_bridge import EngineBridge
from phototagger.tui.graphics.outlines import Outline
from phototagger.tui.graphics.pictures import Pictures
from phototagger.tui.keys import ACTIONS, MOVE
from phototagger.tui.rebinding import Bound
from phototagger.tui.screens.confirm import ConfirmScreen
from phototagger.tui.screens.help import HelpScreen
from phototagger.tui.screens.info import InfoPanel
from phototagger.tui.screens.labels.by_label import ByLabel
from phototagger.tui.screens.review.act_runner import ActRunner
from phototagger.tui.screens.review.background import BackgroundTasks
from phototagger.tui.screens.review.focused_photo import FocusedPhoto
from phototagger.tui.screens.review.learning import Learning
from phototagger.tui.screens.review.letter_keys import LetterKeys
from phototagger.tui.screens.review.many_decisions import ManyDecisions
from phototagger.tui.screens.review.messages import EngineProgressed
from phototagger.tui.screens.review.moves import Moves
from phototagger.tui.screens.review.panes.context import context_of
from phototagger.tui.screens.review.panes.file_keywords import FileKeywords
from phototagger.tui.screens.review.panes.folder_pane import FolderPane
from phototagger.tui.screens.review.panes.keyword_line import KeywordLine
from phototagger.tui.screens.review.panes.left_off import PlaceKeeper
from phototagger.tui.screens.review.panes.room import make_room
from phototagger.tui.screens.review.panes.stack_keys import StackKeys
from phototagger.tui.screens.review.panes.stack_strip import StackStrip
from phototagger.tui.screens.review.panes.standing import status_of
from phototagger.tui.screens.review.photo_decisions import PhotoDecisions
from phototagger.tui.screens.review.settings_change import SettingsChange
from phototagger.tui.screens.review.sidecar_writing import SidecarWriting
from phototagger.tui.screens.review.views import Views
from phototagger.tui.screens.sample.sampling import Sampling
from phototagger.tui.screens.search.searching import Searching
from phototagger.tui.widgets.checklist import LabelList
from phototagger.tui.widgets.finder import LabelFinder
from phototagger.tui.widgets.folder_card import NOT_HERE, FolderCard
from phototagger.tui.widgets.folders import FolderTree
from phototagger.tui.widgets.footer import KeyFooter
from phototagger.tui.widgets.grid.grid import PhotoGrid
from phototagger.tui.widgets.letter_board import LetterBoard
from phototagger.tui.widgets.preview import Preview
from phototagger.tui.widgets.search_field import SearchField
from phototagger.tui.widgets.status import StatusLine

if TYPE_CHECKING:
    from phototagger.settings.keep import ConfigFile

Result = TypeVar("Result")

_STATUS_EVERY = 5.0  # seconds between two looks at the pace
_EMPTY = {
    "all": "looking for photos …",
    "undecided": "nothing undecided is left here; f shows the others",
    "approved": "nothing is approved yet; f shows the others",
    "no label": "no photo was decided without a label; f shows the others",
    "failed": "no photo failed; f shows the others",
    "changed, not approved": "no checks wait to be approved; f shows the others",
    "approved by auto": "nothing was approved by auto; f shows the others",
    "sidecar not up to date": "every sidecar says what is decided; f shows the others",
    "marked": "no photo is marked; f shows the others",
    "held back from a stack": "nothing is held back; f shows the others",
    "not suggested yet": "every undecided photo has suggestions; f shows the others",
}
_MOVES = {action.name for action in ACTIONS if action.group == MOVE}


class ReviewScreen(Screen[None]):
    """Shows a review; the catalogue's state is the review's, and not kept here again.

    ``first_step``: what to start at once, such as ``run``. ``engine_says`` stands in the status
    line until it is something else.
    """

    AUTO_FOCUS = "#grid"
    BINDINGS: ClassVar[list[BindingType]] = [*all_bindings()]
    DEFAULT_CSS = """
    #main { height: 1fr; }
    #folders { width: auto; max-width: 25%; height: 100%; }
    #grid { width: 1fr; height: 100%; }
    #side { width: 24%; min-width: 34; max-width: 64; height: 100%; }
    #pictures { height: 1fr; }
    #labels { height: 13; }
    #info { display: none; height: 10; }
    ReviewScreen.low #pictures { height: 1; }
    ReviewScreen.low #boxes { height: 1fr; }
    ReviewScreen.low #labels { height: 1fr; }
    ReviewScreen.narrow #folders { display: none; }
    ReviewScreen.narrow #side { width: 30; min-width: 30; }
    ReviewScreen.tall #labels { height: 1fr; max-height: 30; }
    #labels.short { height: 12; }  /* the line of keywords below it has its last one */
    #boxes { height: auto; width: 100%; }
    ReviewScreen.tall #boxes { height: 55%; }
    ReviewScreen.info #info { display: block; }
    ReviewScreen.large #folders, ReviewScreen.large #grid { display: none; }
    ReviewScreen.large #side { width: 1fr; max-width: 100%; layout: horizontal; }
    ReviewScreen.large #pictures { width: 1fr; height: 100%; }
    ReviewScreen.large #boxes { width: 34; height: 100%; }
    ReviewScreen.large #labels { height: 1fr; max-height: 100%; }
    #board, #finder, #card { display: none; }
    ReviewScreen.folder #card { display: block; }
    ReviewScreen.folder #info, ReviewScreen.folder #keywords { display: none; }
    ReviewScreen.folder #labels { height: 0; max-height: 0; border: none; }  /* tab finds it */
    ReviewScreen.letters #folders, ReviewScreen.letters #labels, ReviewScreen.letters #info,
    ReviewScreen.letters #keywords {
        display: none;
    }
    ReviewScreen.letters #board { display: block; }
    ReviewScreen.letters #side { width: 52%; max-width: 90; }
    ReviewScreen.letters #boxes { height: 66%; }
    ReviewScreen.letters.narrow #grid { display: none; }
    ReviewScreen.letters.narrow #side { width: 1fr; max-width: 100%; layout: horizontal; }
    ReviewScreen.letters.narrow #pictures { width: 1fr; height: 100%; }
    ReviewScreen.letters.narrow #boxes, ReviewScreen.letters.large #boxes {
        width: 45; max-width: 95%; height: 100%;
    }
    ReviewScreen.letters.large #side { width: 1fr; max-width: 100%; }
    #search { display: none; }
    ReviewScreen.searching #search { display: block; }
    ReviewScreen.searching #status { display: none; }
    ReviewScreen.finding #finder { display: block; }
    ReviewScreen.finding #labels, ReviewScreen.finding #board, ReviewScreen.finding #info,
    ReviewScreen.finding #keywords {
        display: none;
    }
    """

    def __init__(
        self,
        review: Review,
        bound: Bound,
        pictures: Pictures,
        config: ConfigFile,
        *,
        first_step: str = "",
        says: str = "",
    ) -> None:
        super().__init__()
        self.review = review
        self._bound = bound
        self._first_step, self._says = first_step, says
        self.grid = PhotoGrid(
            StackCells(review.photos, review.stacks),
            pictures,
            is_marked=review.marked.__contains__,
            id="grid",
        )
        self.folders = FolderTree(id="folders")
        self.preview = Preview(review.photos, pictures, id="preview")
        self.preview.outlines_of = lambda at: map(Outline._make, regions(review, at))
        self.strip = StackStrip(review, pictures, id="strip")
        self.labels = LabelList(id="labels")
        self.keyword_line = KeywordLine(id="keywords")
        self.board = LetterBoard(id="board")
        self.finder = LabelFinder(id="finder")
        shown = partial(shown_label, review)
        self.labels.shown = self.keyword_line.shown = shown
        self.board.shown = self.finder.shown = shown
        self.finder.also = partial(other_words, review)
        self.finder.named = review.photos.find_labels
        self.info = InfoPanel(id="info")
        self.status = StatusLine(id="status")
        self.search_field = SearchField(id="search")
        self.card = FolderCard(id="card")
        self.footer = KeyFooter(bound, lambda word: word in self._handlers, id="footer")
        self.engine_says = ""
        self.pane = FolderPane(self, review)
        self.photo = FocusedPhoto(self, review)
        self.learning = Learning(self, review)
        self.acts = ActRunner(self, review, self.learning)
        self.views = Views(self, review, self.acts)
        self.arriving = Arriving(self, review, self.acts, self.views, self.learning)
        self.searching = Searching(self, review, self.acts, self.views, bound)
        self.grid.look_at = self.searching.look_at
        self.engine = EngineBridge(self, review, self.acts, self.arriving)
        self.sidecars = SidecarWriting(self, review, self.engine)
        self.moves = Moves(self, review)
        self.stacks = StackKeys(self, review, self.acts, bound)
        self.decisions = PhotoDecisions(self, review, self.acts, self.engine)
        self.letters = LetterKeys(self, review, self.acts, self.decisions)
        self.keywords = FileKeywords(self, review, self.acts, self.decisions)
        self.background = BackgroundTasks(self, review, self.engine, self.views, self.learning)
        self.place = PlaceKeeper(self, review, self.views)
        self._handlers = _one_table(
            {
                "help": lambda: self.app.push_screen(HelpScreen(bound, self.footer.context)),
                "next_part": self.focus_next,
            },
            self.photo.actions,
            self.acts.actions,
            self.views.actions,
            self.engine.actions,
            self.sidecars.actions,
            self.moves.actions,
            self.searching.actions,
            self.stacks.actions,
            self.decisions.actions,
            self.letters.actions,
            ManyDecisions(self, review, self.acts).actions,
            self.keywords.actions,
            Sampling(self, review, self.acts, pictures=pictures, bound=bound).actions,
            ByLabel(self, review, self.acts, self.learning, pictures=pictures, bound=bound).actions,
            SettingsChange(self, review, self.engine, config).actions,
        )

    def compose(self) -> ComposeResult:
        """Lay out the parts."""
        with Horizontal(id="main"):
            yield self.folders
            yield self.grid
            with Vertical(id="side"):
                with Vertical(id="pictures"):
                    yield self.preview
                    yield self.strip
                with Vertical(id="boxes"):
                    yield self.labels
                    yield self.keyword_line
                    yield self.board
                    yield self.finder
                    yield self.card
                    yield self.info
        yield self.status
        yield self.search_field
        yield self.footer

    def on_mount(self) -> None:
        """Show the first photo; the rest begins once that is painted."""
        self.grid.focus()
        self.background.watch()
        self.place.open()
        if self._says:
            self.say(self._says)
        self.set_interval(_STATUS_EVERY, self.show_status)
        self.call_after_refresh(self.background.begin, self._first_step)

    def on_resize(self, event: events.Resize) -> None:
        """Leave out what does not fit."""
        make_room(self, event.size)

    @property
    def words(self) -> Iterable[str]:
        """The actions of the table of keys that are done here."""
        return self._handlers.keys()

    def action_act(self, word: str) -> None:
        """Do what the table of keys calls by a word, where it means something here."""
        if word not in _MOVES:
            self.status.pass_on()
        if context_of(self) is FOLDERS and word not in FOLDERS.same:
            self.say(NOT_HERE)
        else:
            self._handlers[word]()

    def close(self) -> None:
        """End what goes on beside the keys; for after the app's end."""
        self.place.close()
        self.background.close()

    # What is shown.

    def say(self, message: str) -> None:
        """Say something on the status line."""
        self.status.say(message)

    def ask(
        self,
        question: ConfirmScreen,
        yes: Callable[[], None],
        no: Callable[[], None] = lambda: None,
    ) -> None:
        """Ask something; what was typed before it was seen answers nothing."""
        question.settle = self.review.settings.settle
        self.app.push_screen(question, lambda agreed: yes() if agreed else no())

    def complain(self, error: Exception) -> None:
        """Say what went wrong, and what to do about it."""
        held = self.review.read_only
        said = f"not done: {held.cure}" if held and error is held else str(told(error))
        self.status.say(said, error=True)  # who holds it stands in that line all the time

    def show_engine(self, says: str) -> None:
        """Show what goes on beside the keys; nothing does where it is empty."""
        self.engine_says = says
        self.show_status()

    def changed(self, positions: Iterable[int]) -> None:
        """Show that something was decided on photos, or taken back."""
        touched = {*positions, *self.review.photos.stacked.cells_of(positions)}
        self.grid.reload(touched)
        self.grid.read_labels()  # decisions teach: other photos may be suggested something else
        self.folders.put_counts(self.review.photos.listing.counts())
        self.pane.show()
        if self.grid.cursor.position in touched or self.grid.cursor.position != self.photo.position:
            self.photo.show(again=True)
        self.show_status()

    def done(self, act: Act) -> None:
        """Show an act and say it."""
        self.changed(act.positions)
        self.say(act.said)
        if act.is_grouping:
            self.views.restack()
        if act.is_naming:  # what a label is called now may have no vector yet
            self.engine.suggest_new_label()

    def show_context(self) -> None:
        """Show the keys of where the focus is; among the folders, the folder."""
        context = context_of(self)
        self.footer.show(context)
        self.pane.switch(on=context is FOLDERS)

    on_descendant_focus = show_context

    def show_view(self) -> None:
        """Show the review's view anew, after another filter, order or listing."""
        photos = self.review.photos
        self.grid.empty_text = _EMPTY[photos.filter]
        if photos.results is not None and not len(photos.results.positions):
            self.grid.empty_text = "nothing was found; esc goes back"
        elif photos.filter == "all" and photos.found is not None:
            formats = said_of(self.review.settings.formats)
            self.grid.empty_text = f"no {formats} photo under {printable(self.review.root)}"
        self.grid.reload()
        listing = self.review.photos.listing
        self.folders.put(listing.folders, listing.counts())
        self.pane.show()
        self.photo.show(again=True)
        self.show_status()

    def show_status(self) -> None:
        """Show what is left, how fast it goes, what holds, and the next step."""
        self.status.put(status_of(self, self.review, self._bound))

    def attempt(self, act: Callable[[], Result]) -> Result | None:
        """Return what comes of an act; None where it cannot be done, which is said."""
        try:
            return act()
        except TROUBLE as error:
            self.complain(error)
            return None

    # What happens beside the keys.

    def in_thread(self, work: Callable[[], None], group: str) -> None:
        """Do something beside the keys; where it cannot be done, say why.

        It takes the place of what is still done of the same group.
        """

        def trying() -> None:
            try:
                work()
            except TROUBLE as error:
                if not self.background.is_leaving:
                    self.app.call_from_thread(self.complain, error)

        self.run_worker(trying, group=group, exclusive=True, thread=True)

    def on_engine_progressed(self, event: EngineProgressed) -> None:
        """Show what the engine says."""
        self.engine.show(event.progress)

    # What the person does in the widgets.

    def on_photo_grid_moved(self) -> None:
        """Show the photo that the cursor is on now."""
        self.photo.follow()
        self.searching.reached()
        if self.review.photos.stacked.is_open is not None:
            self.show_context()

    def on_photo_grid_photo_opened(self) -> None:
        """Show a photo large that was double-clicked."""
        self.moves.large()

    def on_folder_tree_folder_pointed(self) -> None:
        """Show the folder that the cursor is on."""
        self.pane.show()

    def on_folder_tree_folder_chosen(self, event: FolderTree.FolderChosen) -> None:
        """Go to the first photo of a folder."""
        self.moves.enter_folder(event.folder)

    def on_label_list_toggled(self, event: LabelList.Toggled) -> None:
        """Toggle a label, unless the cursor has left its photo meanwhile."""
        self.decisions.toggle_on(event.photo, event.label)

    def on_label_list_pointed(self, event: LabelList.Pointed) -> None:
        """Say why the label under the cursor is suggested."""
        self.photo.explain(event.label)


def _one_table(*parts: Mapping[str, Callable[[], object]]) -> dict[str, Callable[[], object]]:
    """Return the actions of all parts. Raises ValueError where two have the same word."""
    table: dict[str, Callable[[], object]] = {}
    for part in parts:
        if doubled := table.keys() & part.keys():
            raise ValueError(f"two handlers: {', '.join(sorted(doubled))}")
        table |= part
    return table
