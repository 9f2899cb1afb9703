"""Which files hold a model's weights, and what is said where they cannot be had."""

import hashlib
import http.client
import threading
import urllib.error
from collections.abc import Callable
from pathlib import Path
from typing import Any

import open_clip
import pytest
from huggingface_hub import constants

from phototagger.core.clip_model import load_clip
from phototagger.errors import ExitCode, MissingError, UsageError
from phototagger.model import weights
from phototagger.model.weights import digest_of, find_weights, open_clip_module, weights_here

COMMIT = "0" * 40


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty cache, and let nothing out to the network."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "ENDPOINT", "https://hub.invalid")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(open_clip, "download_pretrained", lambda _: pytest.fail("downloaded"))
    return tmp_path / "hub"


def put(cache: Path, repository: str, name: str) -> Path:
    """Put a file into the hub's cache."""
    folder = cache / f"models--{repository.replace('/', '--')}"
    (folder / "refs").mkdir(parents=True, exist_ok=True)
    (folder / "refs/main").write_text(COMMIT)
    path = folder / "snapshots" / COMMIT / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"weights")
    return path


def answering(monkeypatch: pytest.MonkeyPatch, answer: Callable[[str], Any]) -> list[str]:
    """Let the hub answer as told; return the addresses that were asked."""
    asked = []

    def urlopen(request: Any, timeout: float) -> Any:
        asked.append(request.full_url)
        assert timeout == weights.CONNECT_SECONDS
        return answer(request.full_url)

    monkeypatch.setattr("urllib.request.urlopen", urlopen)
    return asked


def refuse(_: str) -> None:
    raise urllib.error.URLError(ConnectionRefusedError(111, "Connection refused"))


# Without a network


def test_without_a_network_the_model_the_cache_and_the_ways_out_are_named(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = answering(monkeypatch, refuse)
    with pytest.raises(MissingError) as caught:
        load_clip("ViT-B-32", "laion2b_s34b_b79k")
    assert str(caught.value) == (
        f"the weights of ViT-B-32 (laion2b_s34b_b79k) are not in {cache}, and could not be "
        "downloaded: the network cannot be reached; go online once, or fetch "
        "open_clip_model.safetensors of laion/CLIP-ViT-B-32-laion2B-s34B-b79K elsewhere and name "
        "the file with --pretrained /PATH, or use `--model-name embedded`, which needs no download"
    )
    assert caught.value.exit_code == ExitCode.MISSING
    assert asked == ["https://hub.invalid"]
    assert not cache.exists()


def test_a_network_that_never_answers_is_waited_for_but_a_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    over = threading.Event()
    monkeypatch.setattr(weights, "CONNECT_SECONDS", 0.2)
    asked = answering(monkeypatch, lambda _: over.wait(60) and Answer())
    with pytest.raises(MissingError, match="the network cannot be reached"):
        find_weights("ViT-B-32", "laion2b_s34b_b79k")
    assert len(asked) == 1
    assert not over.is_set()
    over.set()


def test_the_wait_is_five_seconds() -> None:
    assert weights.CONNECT_SECONDS == 5


def test_where_the_hub_is_switched_off_it_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    asked = answering(monkeypatch, refuse)
    with pytest.raises(MissingError, match="the network cannot be reached"):
        find_weights("ViT-B-32", "laion2b_s34b_b79k")
    assert asked == []


@pytest.mark.parametrize("name", ["hf-hub:somebody/model", "ViT-B/32"])
def test_other_ways_to_write_a_model_are_named_as_they_were_given(
    cache: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    answering(monkeypatch, refuse)
    with pytest.raises(MissingError) as caught:
        load_clip(name, "openai")
    assert str(caught.value).startswith(f"the weights of {name} (openai) are not in {cache}, ")


def test_weights_with_an_address_of_their_own_are_looked_for_in_their_own_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = {"url": "https://models.invalid/0123abcd/W.pt"}
    monkeypatch.setitem(open_clip.pretrained._PRETRAINED["ViT-B-32"], "mytag", tag)
    asked = answering(monkeypatch, refuse)
    with pytest.raises(MissingError, match=f"are not in {tmp_path}/.cache/clip, and"):
        find_weights("ViT-B-32", "mytag")
    assert asked == ["https://models.invalid/0123abcd/W.pt"]
    (tmp_path / ".cache/clip").mkdir(parents=True)
    (tmp_path / ".cache/clip/W.pt").write_bytes(b"weights")
    assert find_weights("ViT-B-32", "mytag") == (tmp_path / ".cache/clip/W.pt",)


# With one


def http_error(url: str) -> Any:
    raise urllib.error.HTTPError(url, 404, "Not Found", None, None)  # type: ignore[arg-type]


class Answer:
    def close(self) -> None:
        pass


@pytest.mark.parametrize("answer", [http_error, lambda _: Answer()])
@pytest.mark.parametrize("endpoint", ["https://hub.invalid", "http://mirror.invalid:8080"])
def test_where_the_hub_answers_the_weights_are_downloaded(
    monkeypatch: pytest.MonkeyPatch, answer: Callable[[str], Any], endpoint: str
) -> None:
    monkeypatch.setattr(constants, "ENDPOINT", endpoint)
    asked = answering(monkeypatch, answer)
    sources = []

    def download(source: dict[str, Any]) -> str:
        sources.append(source["hf_hub"])
        return "/cache/weights.bin"

    monkeypatch.setattr(open_clip, "download_pretrained", download)
    assert find_weights("ViT-B-32", "laion2b_s34b_b79k") == (Path("/cache/weights.bin"),)
    assert asked == [endpoint]
    assert sources == ["laion/CLIP-ViT-B-32-laion2B-s34B-b79K/"]


@pytest.mark.parametrize(
    "error",
    [
        FileNotFoundError("Failed to download file"),
        RuntimeError("Model has been downloaded but the SHA256 checksum does not match"),
        OSError(28, "No space left on device"),
        http.client.IncompleteRead(b""),
    ],
)
def test_a_download_that_fails_is_told_with_its_reason(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    answering(monkeypatch, lambda _: Answer())

    def download(_: Any) -> None:
        raise error

    monkeypatch.setattr(open_clip, "download_pretrained", download)
    with pytest.raises(MissingError) as caught:
        find_weights("ViT-B-32", "laion2b_s34b_b79k")
    assert f"could not be downloaded: {error}; go online once" in str(caught.value)


@pytest.mark.parametrize("error", [http.client.BadStatusLine("hello"), ConnectionResetError()])
def test_an_answer_that_makes_no_sense_is_no_network(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def answer(_: str) -> None:
        raise error

    answering(monkeypatch, answer)
    with pytest.raises(MissingError, match="the network cannot be reached"):
        find_weights("ViT-B-32", "laion2b_s34b_b79k")


# In the cache


def test_cached_weights_are_found_without_asking(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = answering(monkeypatch, refuse)
    repository = "laion/CLIP-ViT-B-32-laion2B-s34B-b79K"
    assert weights_here("ViT-B-32", "laion2b_s34b_b79k") is None
    old = put(cache, repository, "open_clip_pytorch_model.bin")
    assert find_weights("ViT-B-32", "laion2b_s34b_b79k") == (old,)
    new = put(cache, repository, "open_clip_model.safetensors")
    for name in ("ViT-B-32", f"hf-hub:{repository}"):
        assert find_weights(name, "laion2b_s34b_b79k") == (new,)
        assert weights_here(name, "laion2b_s34b_b79k") == (new,)
    assert asked == []


def test_files_are_looked_for_in_the_order_of_open_clip() -> None:
    for model, tag in open_clip.list_pretrained():
        where = open_clip.pretrained.get_pretrained_cfg(model, tag).get("hf_hub", "")
        name = where.rpartition("/")[2] or open_clip.constants.HF_WEIGHTS_NAME
        alternatives = open_clip.pretrained._get_safe_alternatives(name)
        assert list(weights._file_names(name)) == [*alternatives, name], (model, tag)


# Files and folders


def test_a_weights_file_is_its_path(tmp_path: Path) -> None:
    (tmp_path / "w.pt").write_bytes(b"weights")
    for find in (find_weights, weights_here):
        assert find("ViT-B-32", f"{tmp_path}/w.pt") == (tmp_path / "w.pt",)
        with pytest.raises(MissingError, match="there is no such weights file"):
            find("ViT-B-32", f"{tmp_path}/gone.pt")
        with pytest.raises(MissingError, match="there is no such weights file"):
            find("ViT-B-32", f"{tmp_path}")
        with pytest.raises(UsageError, match="open_clip has no 'ViT-Z'; near: "):
            find("ViT-Z", f"{tmp_path}/w.pt")


def test_a_model_s_folder_is_its_configuration_and_weights(tmp_path: Path) -> None:
    for name in ("open_clip_config.json", "b.safetensors", "a.bin", "readme.md"):
        (tmp_path / name).write_bytes(b"")
    assert find_weights(f"local-dir:{tmp_path}", "openai") == (
        tmp_path / "open_clip_config.json",
        tmp_path / "a.bin",
        tmp_path / "b.safetensors",
    )


def test_the_digest_is_of_all_bytes_in_order(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * (weights._BLOCK + 1))
    (tmp_path / "b").write_bytes(b"y")
    wanted = hashlib.sha256(b"x" * (weights._BLOCK + 1) + b"y").hexdigest()
    assert digest_of((tmp_path / "a", tmp_path / "b")) == wanted
    assert digest_of((tmp_path / "b", tmp_path / "a")) != wanted


# open_clip itself


@pytest.mark.parametrize(
    "error", [ImportError("no torchvision"), RuntimeError("operator torchvision::nms not there")]
)
def test_an_open_clip_that_cannot_be_imported_is_told_with_the_cure(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    original = __import__

    def broken(name: str, *rest: Any) -> Any:
        if name == "open_clip":
            raise error
        return original(name, *rest)

    monkeypatch.setattr("builtins.__import__", broken)
    with pytest.raises(MissingError) as caught:
        open_clip_module()
    assert str(caught.value).startswith(f"open_clip cannot be imported: {error}. ")
    assert "pip install --force-reinstall torch torchvision" in str(caught.value)
    assert "`--model-name embedded`" in str(caught.value)
