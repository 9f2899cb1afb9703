"""Finds every call in the package that makes, changes, moves or removes a file."""

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "phototagger"

_OF_MODULES = {
    "os": {
        "open", "replace", "rename", "renames", "unlink", "remove", "rmdir", "removedirs", "mkdir",
        "makedirs", "link", "symlink", "mkfifo", "truncate", "ftruncate", "pwrite", "chmod",
        "fchmod", "chown", "fchown", "lchown", "utime", "setxattr", "removexattr",
    },
    "shutil": {"rmtree", "copytree", "move", "copy", "copy2", "copyfile", "copyfileobj", "chown"},
    "tempfile": {
        "mkdtemp", "mkstemp", "TemporaryDirectory", "TemporaryFile", "NamedTemporaryFile",
        "SpooledTemporaryFile", "mktemp",
    },
    "sqlite3": {"connect"},
    "np": {"save", "savez", "memmap"},
    "torch": {"save"},
}  # fmt: skip
_OF_PATHS = {
    "unlink", "rmdir", "mkdir", "rename", "touch", "chmod", "lchmod", "write_bytes", "write_text",
    "symlink_to", "hardlink_to", "truncate", "tofile", "write_csv", "write_parquet", "write_ipc",
}  # fmt: skip


def writes() -> Iterator[tuple[str, str, str]]:
    """Yield (file, function, call) of every call that may change what is on a disk."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = str(path.relative_to(PACKAGE))
        yield from _in(ast.parse(path.read_text()), name, "")


def _in(node: ast.AST, file: str, function: str) -> Iterator[tuple[str, str, str]]:
    for child in ast.iter_child_nodes(node):
        inner = function
        if isinstance(child, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            inner = f"{function}.{child.name}".lstrip(".")
        if isinstance(child, ast.Call) and (call := _write(child)):
            yield file, function, call
        yield from _in(child, file, inner)


def _write(call: ast.Call) -> str:
    """Return what a call is named where it writes, empty where it only reads or computes."""
    match call.func:
        case ast.Name("open"):
            return "open" if _mode(call, 1) else ""
        case ast.Attribute(ast.Name(module), name) if name in _OF_MODULES.get(module, ()):
            return f"{module}.{name}"
        case ast.Attribute(_, "open") if not isinstance(call.func.value, ast.Name) or (
            call.func.value.id not in ("Image", "os", "webbrowser")
        ):
            return ".open" if _mode(call, 0) else ""
        case ast.Attribute(ast.Name("dataclasses"), _):
            return ""
        # A text's replace() takes two arguments, a moment's none without a name.
        case ast.Attribute(_, "replace") if len(call.args) == 1 and not call.keywords:
            return ".replace"
        case ast.Attribute(_, name) if name in _OF_PATHS:
            return f".{name}"
    return ""


def _mode(call: ast.Call, position: int) -> bool:
    """Tell whether an open() has a mode that writes, or one that is not written out."""
    given = [word.value for word in call.keywords if word.arg == "mode"]
    given += call.args[position : position + 1]
    return any(not isinstance(m, ast.Constant) or set(str(m.value)) & set("wax+") for m in given)
