"""The house: who imports what, what is required, what must not be there."""

import ast
import functools
import inspect
import os
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from importlib.util import resolve_name
from pathlib import Path

import pytest

from phototagger import errors
from tests.conftest import LONG

CHECKOUT = Path(__file__).parents[1]
PACKAGE = CHECKOUT / "phototagger"
REQUIRED = {
    "textual", "rich", "torch", "open-clip-torch", "numpy", "pillow", "textual-image",
    "pyyaml", "polars",
}  # fmt: skip
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]


@functools.cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def modules(floor: str) -> list[str]:
    paths = sorted((PACKAGE / floor).rglob("*.py"))
    names = [".".join(path.relative_to(CHECKOUT).with_suffix("").parts) for path in paths]
    return [name.removesuffix(".__init__") for name in names]


def test_exactly_the_nine_packages_are_required():
    names = {re.match(r"[\w-]+", line)[0] for line in PROJECT["dependencies"]}
    assert names == REQUIRED


def test_python_3_11_is_enough():
    assert PROJECT["requires-python"] == ">=3.11"


def loaded_by(imports: list[str]) -> set[str]:
    script = "import sys\n" + "".join(f"import {name}\n" for name in imports)
    script += "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=CHECKOUT
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "floor",
    [
        "files",
        "settings",
        "imaging",
        "model",
        "sidecars",
        "core",
        "store",
        "suggest",
        "discover",
        "engine",
        "review",
    ],
)
def test_the_lower_floors_know_no_terminal(floor):
    assert not loaded_by(modules(floor)) & {"textual", "textual_image", "rich"}


def test_the_engine_is_imported_without_the_model_libraries():
    assert not loaded_by(
        modules("engine") + modules("discover") + modules("store") + modules("review")
    ) & {
        "torch",
        "open_clip",
        "torchvision",
        "polars",
    }


def test_the_review_begins_without_the_model_libraries_tables_and_the_network():
    imports = ["phototagger.cli.tagger", "phototagger.cli.commands.review", *modules("tui")]
    heavy = {"torch", "open_clip", "torchvision", "polars", "pyarrow", "http"}
    assert not loaded_by(imports) & heavy


@pytest.mark.parametrize(("told", "holds"), [({}, "4"), ({"OPENBLAS_THREAD_TIMEOUT": "9"}, "9")])
def test_idle_threads_of_openblas_sleep_unless_told_otherwise(told, holds):
    script = (
        "import sys, phototagger, os; assert 'numpy' not in sys.modules; "
        "print(os.environ['OPENBLAS_THREAD_TIMEOUT'])"
    )
    rest = {name: at for name, at in os.environ.items() if name != "OPENBLAS_THREAD_TIMEOUT"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True, text=True, check=True, cwd=CHECKOUT, env={**rest, **told},
    )  # fmt: skip
    assert done.stdout.split() == [holds]


def test_imports_point_down_only():
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")],
        capture_output=True, text=True, check=False, cwd=CHECKOUT,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


NAMED_IMPORTS = {
    "phototagger.cli.command_table": "phototagger.cli.commands.",
    "phototagger.engine.step": "phototagger.engine.steps.",
}
"""What is imported by its name, by modules that call ``import_module``."""


def runtime_imports(node: ast.AST, package: str) -> Iterator[str]:
    """Every import but those for types: at the top of a file, or deferred to where it is used."""
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        origin = f"{'.' * node.level}{node.module or ''}"
        yield from (resolve_name(f"{origin}.{alias.name}", package) for alias in node.names)
    for child in ast.iter_child_nodes(node):
        yield from runtime_imports(child, package)


def import_graph() -> dict[str, set[str]]:
    """Every module of the package, and which others it imports sooner or later."""
    graph = {}
    names = dict(zip(sorted(PACKAGE.rglob("*.py")), modules("."), strict=True))
    for path, name in names.items():
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        asked = set(runtime_imports(parsed(path), package))
        asked |= {one.rpartition(".")[0] for one in asked - set(names.values())}
        if name in NAMED_IMPORTS:
            asked |= {one for one in names.values() if one.startswith(NAMED_IMPORTS[name])}
        graph[name] = (asked & set(names.values())) - {name}
    return graph


def test_no_module_imports_itself_by_way_of_others():
    graph = import_graph()
    assert sum(map(len, graph.values())) > 900
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


def test_what_is_imported_by_name_is_known():
    callers = {
        ".".join(path.relative_to(CHECKOUT).with_suffix("").parts)
        for path in PACKAGE.rglob("*.py")
        if re.search(r"\bimport_module\(f?[\"']", path.read_text())
    }
    assert callers == set(NAMED_IMPORTS)


def test_what_was_announced_is_done():
    assert [path.name for path in PACKAGE.rglob("*.py") if "TODO" in path.read_text()] == []


def classes() -> dict[str, list[ast.ClassDef]]:
    """Every class of the package by its name."""
    named: dict[str, list[ast.ClassDef]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.ClassDef):
                named.setdefault(node.name, []).append(node)
    return named


def test_a_class_name_is_the_name_of_one_class():
    names = Counter(
        name.lstrip("_") for name, kinds in classes().items() for _ in range(len(kinds))
    )
    assert not {name for name, count in names.items() if count > 1}


def methods(kind: ast.ClassDef) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name: node for node in kind.body if isinstance(node, functions)}


def bases(kind: ast.ClassDef) -> set[str]:
    """The names of a class's bases, without their modules and type arguments."""
    return {ast.unparse(base).partition("[")[0].rpartition(".")[2] for base in kind.bases}


def test_no_class_has_more_than_25_methods_those_of_our_own_bases_included():
    named = classes()

    def names(kind: ast.ClassDef) -> set[str]:
        ours = [one for base in bases(kind) - {kind.name} for one in named.get(base, ())]
        return set(methods(kind)).union(*map(names, ours))

    sizes = {name: len(names(kind)) for name, kinds in named.items() for kind in kinds}
    assert len(sizes) > 200
    assert {name: size for name, size in sizes.items() if size > 25} == {}


def test_no_method_only_says_that_it_is_not_there():
    stubs = [
        f"{name}.{method}"
        for name, kinds in classes().items()
        for kind in kinds
        for method, node in methods(kind).items()
        if any("NotImplementedError" in ast.unparse(one) for one in node.body)
    ]
    assert stubs == []


def test_no_folder_holds_more_than_14_files():
    folders = [path for path in [PACKAGE, *PACKAGE.rglob("*")] if path.is_dir()]
    counts = {
        str(folder.relative_to(CHECKOUT)): len(set(folder.glob("*.py")) - {folder / "__init__.py"})
        for folder in folders
    }
    assert {name: count for name, count in counts.items() if count > 14} == {}


def test_no_file_holds_two_ideas_by_its_length():
    files = [*PACKAGE.rglob("*.py"), *(CHECKOUT / "bench").rglob("*.py")]
    long = {path.name: len(path.read_text().splitlines()) for path in files}
    assert {name: count for name, count in long.items() if count > 450} == {}


def test_what_must_never_be_committed_is_ignored():
    ignored = (CHECKOUT / ".gitignore").read_text().split()
    assert {"__pycache__/", ".venv/", "thumb_cache/", "runs/", "*.xmp"} <= set(ignored)


def test_every_sample_has_its_source_and_licence():
    said = (CHECKOUT / "samples" / "SOURCES.md").read_text()
    samples = [
        path.relative_to(CHECKOUT / "samples").as_posix()
        for path in (CHECKOUT / "samples").rglob("*")
        if path.suffix in (".jpg", ".png")
    ]
    assert 10 <= len(samples) <= 20
    for name in samples:
        assert name in said


def test_the_starter_labels_are_everyday_words_without_duplicates():
    from phototagger.core.labels import read_labels

    lines = (CHECKOUT / "labels.txt").read_text().splitlines()
    written = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    assert read_labels(CHECKOUT / "labels.txt") == written
    assert 110 <= len(written) <= 140


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call in the package, with its place."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call):
                yield f"{path.relative_to(CHECKOUT)}:{node.lineno}", node


def test_every_error_is_made_with_its_cure_apart_from_its_cause():
    kinds = {
        name
        for name, kind in vars(errors).items()
        if isinstance(kind, type)
        and issubclass(kind, errors.PhototaggerError)
        and list(inspect.signature(kind).parameters)[:2] == ["cause", "cure"]
        and inspect.signature(kind).parameters["cure"].default is inspect.Parameter.empty
    }
    made = [(where, call) for where, call in calls() if getattr(call.func, "id", "") in kinds]
    assert len(made) > 80
    assert [
        where
        for where, call in made
        if not any(isinstance(one, ast.Starred) for one in call.args)
        and (len(call.args) < 2 or not ast.unparse(call.args[1]).strip("'"))
    ] == []


def test_nothing_finds_a_cure_by_its_punctuation():
    divide = {"partition", "rpartition", "split", "rsplit"}
    assert [
        where
        for where, call in calls()
        if getattr(call.func, "attr", "") in divide
        and any(ast.unparse(one) == "'; '" for one in call.args)
    ] == []


def test_every_file_that_tests_begin_with_is_there():
    assert [name for name in LONG if not (CHECKOUT / name).is_file()] == []
