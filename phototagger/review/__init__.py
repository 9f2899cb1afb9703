"""A review without a screen: photos, suggestions, checks and decisions."""

from phototagger.review.session import TROUBLE, Act, Review
from phototagger.review.view import Filter, Order

__all__ = ["TROUBLE", "Act", "Filter", "Order", "Review"]
