"""A review without a screen: photos, suggestions, checks and decisions."""

from phototagger.engine.review.session import Act, Review
from phototagger.engine.review.view import Filter, Order

__all__ = ["Act", "Filter", "Order", "Review"]
