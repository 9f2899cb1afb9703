"""Decisions → better suggestions: small heads on frozen vectors, one for each label."""

from .explain import Explanation, Influence, LabelState
from .heads import LabelHeads

__all__ = ["Explanation", "Influence", "LabelHeads", "LabelState"]
