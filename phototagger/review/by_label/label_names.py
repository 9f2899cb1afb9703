"""How the labels of a review are written on the screen, and what else they are called."""

from phototagger.review.session import Review


def shown_label(review: Review, label: str) -> str:
    """Return a label as the screen shows it: a path by its last level."""
    return review.job.model.tree.shown(label)


def other_words(review: Review, label: str) -> tuple[str, ...]:
    """Return the synonyms that the labels file has for a label."""
    return review.job.model.tree.synonyms(label)
