"""Some trials of the campaign of faults; ``make faults`` does thousands."""

import pytest

from tests.faults.campaign.scenarios import SCENARIOS
from tests.faults.campaign.shim import trials_of

TRIALS = 40


@pytest.fixture(scope="module")
def trials():
    return list(trials_of(TRIALS, seed=3))


def test_nothing_is_lost_whatever_call_fails(trials):
    assert len(trials) == TRIALS
    assert [trial for trial in trials if trial["problems"]] == []


def test_the_faults_met_the_commands(trials):
    """Kills kill, and errors are told: else the trials would prove nothing."""
    assert {trial["scenario"] for trial in trials} == {scenario.name for scenario in SCENARIOS}
    kills = [trial for trial in trials if trial["fault"] in ("KILL_BEFORE", "KILL_AFTER")]
    killed = [trial for trial in kills if trial["code"] == -9]
    assert len(killed) >= 0.8 * len(kills) > 0
    lasting = [trial for trial in trials if trial["lasting"] and trial["fault"] == "IO_ERROR"]
    told = [trial for trial in lasting if trial["code"] > 0]
    assert len(told) >= 0.5 * len(lasting)
