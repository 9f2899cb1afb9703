"""A review without a screen: photos, suggestions, checks and decisions."""

from phototagger.review.session import Act, Review
from phototagger.review.view import Filter, Order

__all__ = ["Act", "Filter", "Order", "Review"]
