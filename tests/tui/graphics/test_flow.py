"""Pictures are sent as fast as a line takes them, and no faster."""

from phototagger.tui.graphics.flow import FIRST, LEAST, PATIENCE, PORTION_SECONDS, Flow


def test_a_terminal_that_never_answered_is_not_asked():
    flow = Flow()
    assert flow.portion is None
    assert not flow.sent(100_000, 1.0)
    assert flow.portion is None


def test_nothing_more_is_sent_until_it_answers_and_then_what_the_line_takes():
    flow = Flow()
    assert not flow.answered(0.0)  # of another question
    assert flow.portion == FIRST
    assert flow.sent(15_000, 1.0)
    assert flow.portion == 0
    assert not flow.sent(15_000, 1.1)
    assert flow.answered(1.5)  # 30 kB a second
    assert flow.portion == 30_000 * PORTION_SECONDS
    assert flow.sent(7_500, 2.0)
    assert flow.answered(2.001)
    assert flow.portion > 1_000_000


def test_a_portion_is_never_too_small_and_little_is_not_asked_about():
    flow = Flow()
    flow.answered(0.0)
    assert not flow.sent(LEAST - 1, 0.0)
    flow.sent(LEAST, 0.0)
    flow.answered(4.0)
    assert flow.portion == LEAST


def test_who_answers_no_more_is_asked_no_more():
    flow = Flow()
    flow.answered(0.0)
    flow.sent(50_000, 0.0)
    assert not flow.look(PATIENCE - 0.1)
    assert flow.look(PATIENCE)
    assert flow.portion is None
    assert not flow.sent(50_000, 10.0)
