"""What the labels of the settings are: paths or not, and how they are spelled."""

from phototagger.core.label_tree import LabelTree
from phototagger.core.labels import read_tree
from phototagger.settings.model import Settings


def tree_of(settings: Settings) -> LabelTree:
    """Return the tree of the labels file; flat where it is none, or cannot be read."""
    return read_tree(settings.labels_file, keep=settings.label_case == "keep")
