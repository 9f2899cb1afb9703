"""Which weights a name stood for, known again as long as their files are as they were."""

import os

import pytest

from phototagger.store.vectors.models import KnownModel, known_model, model_id, remember_model


@pytest.fixture
def weights(tmp_path):
    file = tmp_path / "caf\udce9.safetensors"
    file.write_bytes(b"weights")
    return file


KNOWN = KnownModel(
    "ViT-B-32-0123456789abcdef-1", "0123456789abcdef" * 4, "ViT-B-32-0123456789abcdef-1"
)


def test_unchanged_files_are_the_model_they_were(catalogue, weights):
    remember_model(catalogue, "ViT-B-32", "openai", [weights], KNOWN)
    assert known_model(catalogue, "ViT-B-32", "openai") == KNOWN
    assert known_model(catalogue, "ViT-B-32", "laion2b") is None
    assert known_model(catalogue, "ViT-L-14", "openai") is None


def test_files_of_another_size_or_time_or_gone_are_not_known(catalogue, weights):
    remember_model(catalogue, "ViT-B-32", "openai", [weights], KNOWN)
    stamp = weights.stat()
    os.utime(weights, ns=(stamp.st_atime_ns, stamp.st_mtime_ns + 1))
    assert known_model(catalogue, "ViT-B-32", "openai") is None
    os.utime(weights, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert known_model(catalogue, "ViT-B-32", "openai") == KNOWN
    weights.write_bytes(b"weight")
    os.utime(weights, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert known_model(catalogue, "ViT-B-32", "openai") is None
    weights.unlink()
    assert known_model(catalogue, "ViT-B-32", "openai") is None


def test_every_file_of_several_counts(catalogue, weights, tmp_path):
    config = tmp_path / "open_clip_config.json"
    config.write_text("{}")
    remember_model(catalogue, "local-dir:/m", "", [config, weights], KNOWN)
    assert known_model(catalogue, "local-dir:/m", "") == KNOWN
    config.write_text("{} ")
    assert known_model(catalogue, "local-dir:/m", "") is None


@pytest.mark.parametrize("name", ["ViT-B-32", "hf-hub:far/away", "local-dir:/a b/../ü", "x" * 300])
def test_a_models_id_is_the_name_of_one_folder(tmp_path, name):
    found = model_id(name, "0123456789abcdef" * 4, "1")
    (tmp_path / found).mkdir()
    assert [path.name for path in tmp_path.iterdir()] == [found]
    assert found.endswith("-0123456789abcdef-1")
    assert found != model_id(name, "f" * 64, "1")
    assert found != model_id(name, "0123456789abcdef" * 4, "2")
