"""Any sequence of decisions, undo, redo and restarts, against a few lines of plain Python."""

import tempfile
from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from phototagger.store import WHOLE_PHOTO, Catalogue, Edit, decide, decisions, redo, undo
from tests.store.contents import held, sha1

ROOTS = st.sampled_from(["/photos", "/photos/2024", "/caf\udce9"])
EDITS = st.lists(
    st.builds(
        Edit,
        st.sampled_from([sha1("cat.jpg"), sha1("dog.jpg"), sha1("sea.jpg")]),
        st.sampled_from([WHOLE_PHOTO, "cat", "dog"]),
        st.sampled_from([True, False, None]),
        said_by=st.none(),
    ),
    max_size=4,
)


@dataclass
class Act:
    """What somebody did in one go."""

    root: str
    edits: list[Edit]
    done: bool = True


class PlainDecisions:
    """Of each label of a photo, the last act that is done says what holds."""

    def __init__(self) -> None:
        self.acts: list[Act] = []

    def decide(self, root: str, edits: list[Edit]) -> None:
        if edits:
            self.acts = [act for act in self.acts if act.done or act.root != root]
            self.acts.append(Act(root, edits))

    def undo(self, root: str) -> list[bytes] | None:
        acts = [act for act in self.acts if act.root == root and act.done]
        return self._turn(acts[-1], done=False) if acts else None

    def redo(self, root: str) -> list[bytes] | None:
        acts = [act for act in self.acts if act.root == root and not act.done]
        return self._turn(acts[0], done=True) if acts else None

    def _turn(self, act: Act, *, done: bool) -> list[bytes]:
        act.done = done
        return list(dict.fromkeys(edit.sha1 for edit in act.edits))

    def held(self) -> dict[tuple[bytes, str], bool]:
        last = {
            (edit.sha1, edit.label): edit.approved
            for act in self.acts
            if act.done
            for edit in act.edits
        }
        return {which: approved for which, approved in last.items() if approved is not None}


class Decisions(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.catalogue = Catalogue(self.folder.name)
        self.plain = PlainDecisions()

    @rule(root=ROOTS, edits=EDITS)
    def decide(self, root: str, edits: list[Edit]) -> None:
        decide(self.catalogue, edits, root=root)
        self.plain.decide(root, edits)

    @rule(root=ROOTS)
    def undo(self, root: str) -> None:
        assert undo(self.catalogue, root=root) == self.plain.undo(root)

    @rule(root=ROOTS)
    def redo(self, root: str) -> None:
        assert redo(self.catalogue, root=root) == self.plain.redo(root)

    @rule()
    def restart(self) -> None:
        self.catalogue.close()
        self.catalogue = Catalogue(self.folder.name)

    @invariant()
    def the_same_holds(self) -> None:
        assert held(self.catalogue) == self.plain.held()
        cat = sha1("cat.jpg")
        of_one = {(one.sha1, one.label) for one in decisions(self.catalogue, [cat])}
        assert of_one == {which for which in self.plain.held() if which[0] == cat}

    def teardown(self) -> None:
        self.catalogue.close()
        self.folder.cleanup()


TestDecisions = Decisions.TestCase
TestDecisions.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
