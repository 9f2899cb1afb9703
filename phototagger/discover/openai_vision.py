"""A pass by a vision model behind any OpenAI-compatible address, with a person's consent only.

What is sent of a photo is its thumbnail, encoded anew so that no metadata can be in it, and one
question, the same for every photo. Address, model and key come from the environment alone.
"""

import base64
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from PIL import Image

from phototagger.core.labels import normalise_label
from phototagger.core.thumb_cache import LONG_EDGE
from phototagger.discover.provider import AskedPhoto, LibraryView, Need, Proposal
from phototagger.discover.remote import BadAnswer, Endpoint, Prices, number_of
from phototagger.errors import UsageError

BASE_URL = "https://api.openai.com/v1"
MOST = 10
"""How many labels are taken of an answer."""
_QUESTION = (
    "Name what this photo shows: up to 10 keywords as a photo archive would use them, each one to "
    "three lower-case English words, the most certain first, each with a confidence from 0 to 1."
)
_KEYWORD = {
    "type": "object",
    "properties": {"label": {"type": "string"}, "confidence": {"type": "number"}},
    "required": ["label", "confidence"],
    "additionalProperties": False,
}
_SCHEMA = {
    "type": "object",
    "properties": {"labels": {"type": "array", "items": _KEYWORD}},
    "required": ["labels"],
    "additionalProperties": False,
}
_FORMAT = {
    "type": "json_schema",
    "json_schema": {"name": "keywords", "strict": True, "schema": _SCHEMA},
}
_LONGEST, _MOST_WORDS = 40, 4  # characters and words of a label, at most
_PLAIN = re.compile(r"[^\W_]+(?:[ '-][^\W_]+)*")  # letters and digits; single signs join them
_PER_MINUTE = "60"


class OpenAIVision:
    """Asks a vision model at a host that you allow; address, model, key are in the environment."""

    needs = (Need.NETWORK,)
    batch = 1  # each answer is kept before the next is paid for

    def __init__(self, library: LibraryView) -> None:
        environ = library.environ
        self._model = environ.get("OPENAI_MODEL", "")
        if not self._model:
            raise UsageError(
                "openai_vision: OPENAI_MODEL is not set",
                "set it to a model that sees, OPENAI_API_KEY to your key, and OPENAI_BASE_URL for "
                "another host than OpenAI's",
            )
        self.version = f"1 {self._model}"
        self._endpoint = Endpoint(
            environ.get("OPENAI_BASE_URL") or BASE_URL,
            environ.get("OPENAI_API_KEY", ""),
            consent=library.consent,
            per_minute=_number(environ, "OPENAI_REQUESTS_PER_MINUTE", _PER_MINUTE),
            prices=_prices(environ),
            check_cancelled=library.check_cancelled,
        )
        self.host = self._endpoint.host

    def propose(self, photos: Sequence[AskedPhoto]) -> Iterator[Proposal]:
        """Yield what the model says of photos. Raises PhototaggerError where none can be asked."""
        for photo in photos:
            if photo.thumbnail is None:
                continue
            body = self._body(picture_alone(photo.thumbnail))
            for label, score in self._endpoint.post("/chat/completions", body, labels_of):
                yield Proposal(photo, label, score)

    def _body(self, picture: bytes) -> dict[str, Any]:
        url = f"data:image/jpeg;base64,{base64.b64encode(picture).decode()}"
        content = [
            {"type": "text", "text": _QUESTION},
            {"type": "image_url", "image_url": {"url": url, "detail": "low"}},
        ]
        return {
            "model": self._model,
            "messages": [{"role": "user", "content": content}],
            "response_format": _FORMAT,
        }


def picture_alone(thumbnail: bytes) -> bytes:
    """Return a JPEG of at most 512 px that holds pixels and nothing else."""
    with Image.open(io.BytesIO(thumbnail)) as image:
        pixels = Image.frombytes("RGB", image.size, image.convert("RGB").tobytes())
    pixels.thumbnail((LONG_EDGE, LONG_EDGE))
    out = io.BytesIO()
    pixels.save(out, "JPEG", quality=85)
    return out.getvalue()


def labels_of(answer: Any) -> list[tuple[str, float]]:
    """Return the labels of an answer with their confidence; what is no keyword is left out.

    Raises BadAnswer for one that does not hold what was asked for.
    """
    try:
        keywords = json.loads(answer["choices"][0]["message"]["content"])["labels"]
        pairs = [(keyword["label"], float(keyword["confidence"])) for keyword in keywords]
    except (LookupError, TypeError, ValueError, RecursionError):
        raise BadAnswer("the answer does not hold what was asked for") from None
    labels: dict[str, float] = {}
    for text, confidence in pairs:
        label = _keyword(text)
        if label and 0 <= confidence <= 1:
            labels.setdefault(label, confidence)
    return list(labels.items())[:MOST]


def _keyword(text: Any) -> str:
    """Return a text as a label; empty where it is none, such as a sentence or an instruction."""
    if not isinstance(text, str) or len(text) > _LONGEST:
        return ""
    try:
        label = normalise_label(text)
    except ValueError:
        return ""
    return label if _PLAIN.fullmatch(label) and len(label.split()) <= _MOST_WORDS else ""


def _prices(environ: Mapping[str, str]) -> Prices | None:
    names = ("OPENAI_PRICE_IN", "OPENAI_PRICE_OUT")
    if not any(environ.get(name) for name in names):
        return None
    return Prices(*(_number(environ, name, "") for name in names))


def _number(environ: Mapping[str, str], name: str, default: str) -> float:
    return number_of(name, environ.get(name) or default)
