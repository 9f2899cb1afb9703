"""What is remembered: the catalogue, the vectors, the run folders."""

from phototagger.store.catalogue.database import Catalogue
from phototagger.store.labels.edits import WHOLE_PHOTO, Edit, Who
from phototagger.store.labels.history import decide, redo, undo
from phototagger.store.labels.holding import Decision, decisions

__all__ = [
    "WHOLE_PHOTO",
    "Catalogue",
    "Decision",
    "Edit",
    "Who",
    "decide",
    "decisions",
    "redo",
    "undo",
]
