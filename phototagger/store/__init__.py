"""What is remembered: the catalogue, the vectors, the run folders."""

from phototagger.store.catalogue.database import Catalogue
from phototagger.store.labels.edits import WHOLE_PHOTO, Edit
from phototagger.store.labels.history import Decision, Who, decide, decisions, redo, undo

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
