"""The real files of the embedded model, and the model loaded once."""

from pathlib import Path

import pytest
import torch

from phototagger.model import embedded
from phototagger.model.embedded.model import EmbeddedModel
from phototagger.model.embedded.wordpiece import WordPiece
from phototagger.model.preprocess import Preprocess


@pytest.fixture(scope="session")
def loaded() -> tuple[EmbeddedModel, Preprocess, WordPiece]:
    if any(file.find() is None for file in embedded.WEIGHTS):
        pytest.skip(f"needs: {embedded.INSTALL_LINE}")
    return embedded.load(torch.device("cpu"))


@pytest.fixture(scope="session")
def model(loaded: tuple[EmbeddedModel, Preprocess, WordPiece]) -> EmbeddedModel:
    return loaded[0]


@pytest.fixture(scope="session")
def preprocess(loaded: tuple[EmbeddedModel, Preprocess, WordPiece]) -> Preprocess:
    return loaded[1]


@pytest.fixture(scope="session")
def tokenizer(loaded: tuple[EmbeddedModel, Preprocess, WordPiece]) -> WordPiece:
    return loaded[2]


@pytest.fixture(scope="session")
def text_folder() -> Path:
    path = embedded.TEXT.find()
    if path is None:
        pytest.skip(f"needs: {embedded.INSTALL_LINE}")
    return path.parent
