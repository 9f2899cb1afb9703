"""Why a photo cannot be used: a code with fields, and the one table of its sentences.

The catalogue and the model's process pass codes and fields on; a sentence is made where a person
reads it, so that a new wording changes nothing that is kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

DECODER = 3
"""Raised where more photos can be read than before: what an older one refused is tried again."""

SENTENCES = {
    "not_a_file": "is not a regular file",
    "empty": "is an empty file",
    "too_long": "has {size:,} bytes; {most:,} are the most",
    "unreadable": "cannot be read: {error}",
    "changed": "changed while it was read; run again",
    "memory": "needs more memory than there is; end what else uses it, then run again",
    "environment": "could not be read: {cause}; {cure}",
    "copy": "could not be read this time, nor could a photo with the same content; run again",
    "too_large": "has {width:d} x {height:d} pixels, more than max_pixels ({max_pixels:,}); "
    "raise that setting to use it",
    "too_many_rows": "has {height:,} rows of {width:d} pixels; {most:,} are the most",
    "too_many_scans": "is a JPEG of {scans:d} scans of {width:d} x {height:d} pixels, which take "
    "minutes to decode; save it anew to use it, or raise max_pixels ({max_pixels:,})",
    "other_kind": "holds {kind}, not {formats}",
    "unknown_kind": "is not an image that can be recognised",
    "rare_kind": "is broken, or a {kind} of a rare kind that cannot be read",
    "header": "is broken: its header cannot be read",
    "broken": "is broken or cut short: {detail}",
    "place_taken": "its thumbnail's place is taken by {file}, which is none of ours and was left "
    "as it is",
    "other": "{text}",
}
"""Each code with its sentence, to follow a photo's path."""

_DAMAGE = frozenset({"header", "broken"})
_MAY_PASS = frozenset({"unreadable", "changed", "memory", "environment", "copy", "place_taken"})
_BY_THE_SETTINGS = frozenset({"too_large", "too_many_scans"})


@dataclass(frozen=True)
class Reason:
    """Why a photo cannot be used; its text is a sentence to follow the photo's path.

    ``decoder`` is the version of phototagger's decoder that found it.
    """

    code: str
    fields: Mapping[str, str | int] = field(default_factory=dict)
    decoder: int = DECODER

    def __str__(self) -> str:
        """Return the sentence."""
        return SENTENCES[self.code].format_map(self.fields)

    @property
    def may_pass(self) -> bool:
        """Whether the photo itself may be fine, so that nothing is to be remembered."""
        return self.code in _MAY_PASS

    @property
    def is_damage(self) -> bool:
        """Whether the bytes are a photo's, and something is wrong with them."""
        return self.code in _DAMAGE

    def is_outdated(self, formats: str) -> bool:
        """Whether this decoder may read what the one that found the reason could not.

        ``formats``: those that are read now, as a sentence has them; other ones may have been.
        """
        if self.code in _BY_THE_SETTINGS:
            return False
        return self.decoder < DECODER or self.fields.get("formats", formats) != formats

    def as_json(self) -> str:
        """Return the text that the catalogue keeps."""
        return json.dumps({"code": self.code, "decoder": self.decoder, **self.fields})

    @classmethod
    def from_json(cls, text: str) -> Reason:
        """Return the reason that a text keeps; one of any other text is ``other``."""
        try:
            fields = json.loads(text)
            reason = cls(fields.pop("code"), decoder=fields.pop("decoder", 0), fields=fields)
            str(reason)
        # What a damaged catalogue or a newer phototagger may hold.
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            return cls("other", {"text": text}, decoder=0)
        return reason
