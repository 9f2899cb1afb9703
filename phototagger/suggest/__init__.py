"""Decisions → better suggestions: small heads on frozen vectors, one for each label."""

from .explain import Explanation, Influence, LabelState
from .heads import LabelHeads
from .logistic import go_on

__all__ = ["Explanation", "Influence", "LabelHeads", "LabelState", "go_on"]
