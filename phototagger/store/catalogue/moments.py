"""Moments as the catalogue keeps them: microseconds since 1970, exact, which a float is not."""

from datetime import UTC, datetime

_SECOND = 1_000_000


def microseconds(when: datetime) -> int:
    """Return a moment as it is kept."""
    return int(when.replace(microsecond=0).timestamp()) * _SECOND + when.microsecond


def moment(at: int) -> datetime:
    """Return a moment that was kept, in UTC."""
    return datetime.fromtimestamp(at // _SECOND, UTC).replace(microsecond=at % _SECOND)
