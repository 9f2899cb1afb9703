"""What keeps a node from being used is said with its cure, whichever way Ray says it."""

from types import SimpleNamespace
from typing import Any

import pytest
from ray import exceptions

from phototagger.engine.cluster import relay
from phototagger.engine.cluster.host import NodePart
from phototagger.errors import NodeError

HOST = SimpleNamespace(begin=SimpleNamespace(remote=lambda _: None))
PART = NodePart("id", 0, 1, 1, False, [], "1.2.3", [])


class Died(exceptions.RayActorError):
    """What Ray says of an actor that is no more."""

    def __init__(self, said: str) -> None:
        Exception.__init__(self, said)

    def __str__(self) -> str:
        return str(self.args[0])


def ray_that(answers: Exception | str) -> Any:
    """A module ray whose actors answer so."""

    def get(*_: object, **__: object) -> str:
        if isinstance(answers, Exception):
            raise answers
        return answers

    return SimpleNamespace(exceptions=exceptions, get=get)


@pytest.mark.parametrize(
    ("answers", "cause", "cure"),
    [
        (exceptions.GetTimeoutError(), "is busy with other work", "run again"),
        (exceptions.ActorUnschedulableError("no such node"), "is gone", "run again"),
        (
            Died("an error raised in its creation task\nImportError: that"),
            "cannot start phototagger: ImportError: that",
            "pip install 'phototagger[ray]==1.2.3'",
        ),
        ("does not see /photos/a.jpg", "the node does not see /photos/a.jpg", "docs/scale.md"),
    ],
)
def test_a_node_that_cannot_be_used_is_told_with_the_cure(answers, cause, cure):
    with pytest.raises(NodeError) as caught:
        relay._begin(ray_that(answers), HOST, PART)
    assert cause in caught.value.cause
    assert cure in caught.value.cure


def test_a_node_that_dies_meanwhile_is_no_fault_of_what_is_installed():
    with pytest.raises(Died):
        relay._begin(ray_that(Died("its node has died")), HOST, PART)
