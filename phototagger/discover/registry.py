"""Which providers there are: those that ship with phototagger, and those of other packages."""

import difflib
from collections.abc import Callable, Iterable
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from phototagger.discover.provider import LibraryView, Provider
from phototagger.errors import PhototaggerError, UsageError

GROUP = "phototagger.discover"
"""The group of entry points by which other packages bring providers."""

OWN = (
    EntryPoint("vocabulary", "phototagger.discover.vocabulary:Vocabulary", GROUP),
    EntryPoint("openai_vision", "phototagger.discover.openai_vision:OpenAIVision", GROUP),
    EntryPoint("detector", "phototagger.discover.detector:Detector", GROUP),
)
"""The providers that ship with phototagger; nobody takes their names."""


def providers() -> dict[str, EntryPoint]:
    """Return the providers that are installed, by name; none of them is imported."""
    installed = {
        point.name: point
        for point in sorted(entry_points(group=GROUP), key=lambda point: point.name)
    }
    return {point.name: point for point in OWN} | {
        name: point for name, point in installed.items() if name not in {own.name for own in OWN}
    }


def check_names(names: Iterable[str]) -> None:
    """Raise UsageError for a name that no provider has."""
    known = providers()
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            listed = f"one of {', '.join(known)}" if known else "none is installed"
            raise UsageError(
                f"discover: {name}: there is no such provider",
                f"did you mean {near[0]}?" if near else f"`phototagger discover list`: {listed}",
            )


def kind_of(name: str) -> Callable[[LibraryView], Provider]:
    """Return what makes a provider. Raises PhototaggerError where it cannot be loaded."""
    kind: Callable[[LibraryView], Provider] = guarded(name, providers()[name].load)
    return kind


def made(name: str, library: LibraryView) -> Provider:
    """Return a provider, ready to be asked. Raises PhototaggerError where that fails."""
    kind = kind_of(name)
    provider: Provider = guarded(name, lambda: kind(library))
    guarded(name, lambda: (str(provider.version), [*provider.needs], provider.propose))
    return provider


def guarded(name: str, call: Callable[[], Any]) -> Any:
    """Return what a call into a provider returns; whatever it raises becomes a PhototaggerError."""
    try:
        return call()
    except PhototaggerError:
        raise
    # The edge to other people's code, which may even try to end the process.
    except (Exception, SystemExit) as error:
        raise PhototaggerError(
            f"{name}: cannot be used: {type(error).__name__}: {error}",
            "tell its makers, or leave it out",
        ) from error
