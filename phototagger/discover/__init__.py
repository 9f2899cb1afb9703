"""Labels from beyond the labels file: providers, each behind one protocol, off unless asked for."""

from phototagger.discover.provider import AskedPhoto, LibraryView, Need, Proposal, Provider, Region

__all__ = ["AskedPhoto", "LibraryView", "Need", "Proposal", "Provider", "Region"]
