"""Which photos are marked, and how many of them this view shows."""

from __future__ import annotations

from phototagger.review.view import Filter, Order
from tests.review.conftest import at


def show_one(review, position):
    review.photos.show(review.photos.view[position : position + 1], Filter.ALL, Order.FOLDER)


def test_marks_are_told_anew_after_each_change_and_in_each_view(review):
    marked, everything = review.marked, review.photos.view
    assert (marked.here(), marked.elsewhere()) == ([], 0)
    first, other = at(review, "a.jpg"), at(review, "town/g.png")
    marked.mark([other])
    assert (marked.here(), marked.elsewhere()) == ([other], 0)
    assert marked.toggle([first])
    assert (marked.here(), marked.elsewhere()) == ([first, other], 0)
    show_one(review, other)
    assert (marked.here(), marked.elsewhere()) == ([other], 1)
    marked.unmark([review.photos.listing.sha1(other)])
    assert (marked.here(), marked.elsewhere()) == ([], 1)
    review.photos.show(everything, Filter.ALL, Order.FOLDER)
    assert (marked.here(), marked.elsewhere()) == ([first], 0)
    review.photos.take_listing(review.photos.known_listing())
    assert (marked.here(), marked.elsewhere()) == ([first], 0)
    assert not marked.toggle([first])
    assert (marked.here(), marked.elsewhere()) == ([], 0)
