"""One host that is asked politely: within a budget, at a rate, with retries, and never redirected.

Nothing of an answer, nor of the key, is ever part of a message: a server may echo what it was sent.
"""

import http.client
import ipaddress
import json
import math
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from phototagger.discover.provider import Consent
from phototagger.errors import MissingError, PhototaggerError, UsageError
from phototagger.printable import printable

ATTEMPTS = 5
"""How often one thing is asked before it is given up."""
BACK_OFF = 1.0
"""Seconds before the second attempt; each later one waits twice as long."""
LONGEST_WAIT = 300.0
"""Seconds; a server that asks for a longer wait ends the run."""
ANSWER_SECONDS = 120.0
"""How long one answer may take."""
_SILENCE_SECONDS = 30.0  # how long a host may send nothing
_MOST_BYTES = 1_000_000  # of an answer
_LOOK_SECONDS = 0.2  # how often a wait looks whether it is to end
_TOKENS = 1_000_000  # prices are for so many
_STOPS = {
    401: "the key is refused",
    402: "nothing is paid any more",
    403: "the key may not do this",
    404: "there is no such address or model",
}


class Prices(NamedTuple):
    """What a million tokens cost, of what is asked and of what is answered."""

    asked: float
    answered: float


class BadAnswer(ValueError):  # noqa: N818  (named for what it says)
    """An answer that is none; asking again may help."""


class _Again(Exception):  # noqa: N818
    """A failure that may pass; ``seconds`` is how long the server asked to wait."""

    def __init__(self, reason: str, seconds: float | None = None) -> None:
        super().__init__(reason)
        self.seconds = seconds


class Endpoint:
    """Sends JSON to one address and returns the JSON of the answers.

    ``base_url`` is http(s)://host[:port]/path; plain http is for this machine only. At most
    ``per_minute`` requests a minute are sent, and no more than the ``consent`` allows, retries
    included.
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        consent: Consent,
        per_minute: float,
        prices: Prices | None,
        check_cancelled: Callable[[], None],
    ) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError("OPENAI_BASE_URL: is no http(s) address", "correct it")
        if parts.scheme == "http" and not _is_here(parts.hostname):
            raise UsageError(
                "OPENAI_BASE_URL: photos and key would be readable on the way", "use https"
            )
        if not key.isascii() or not key.isprintable() or " " in key:
            raise UsageError("OPENAI_API_KEY: holds a character that no key has", "correct it")
        if consent.money is not None and prices is None:
            raise UsageError(
                "--budget: names money, but no prices are given",
                "set OPENAI_PRICE_IN and OPENAI_PRICE_OUT, for a million tokens",
            )
        self.host = parts.hostname if parts.port is None else f"{parts.hostname}:{parts.port}"
        self._secure, self._name, self._port = parts.scheme == "https", parts.hostname, parts.port
        self._path = parts.path.rstrip("/")
        self._key = key
        self._consent = consent
        self._prices = prices
        self._gap = 60 / per_minute
        self._next = -math.inf
        self._check_cancelled = check_cancelled
        self.sent = 0
        self.spent = 0.0
        self._dearest = 0.0

    def post(self, path: str, body: dict[str, Any], read: Callable[[Any], Any]) -> Any:
        """Return what ``read`` makes of the answer; it raises BadAnswer for what is none.

        Raises BadAnswer where ``ATTEMPTS`` gave none, PhototaggerError where nothing more can be
        asked.
        """
        data = json.dumps(body).encode()
        for attempt in range(ATTEMPTS):
            self._may_send()
            try:
                answer = self._once(path, data)
                self._pay(answer)
                return read(answer)
            except (_Again, BadAnswer) as error:
                if attempt == ATTEMPTS - 1:
                    if isinstance(error, BadAnswer):
                        raise
                    raise MissingError(
                        f"{self.host}: {error}, {ATTEMPTS} times", "try again later"
                    ) from None
                asked = error.seconds if isinstance(error, _Again) else None
                self._wait(BACK_OFF * 2**attempt if asked is None else asked)
        raise AssertionError("the last attempt returns or raises")

    def _may_send(self) -> None:
        self._consent.check(self.host)
        if self.sent >= self._consent.requests:
            raise PhototaggerError(
                f"the budget of {self._consent.requests:,} requests is used up",
                "allow more with --budget; what was answered is kept",
            )
        money = self._consent.money
        if money is not None and self.spent + self._dearest > money:
            raise PhototaggerError(
                f"{self.spent:.4f} of the budget of {money:g} is spent, and the next request may "
                f"cost {self._dearest:.4f}",
                "allow more with --budget; what was answered is kept",
            )
        self._wait(self._next - time.monotonic())
        self._next = time.monotonic() + self._gap
        self.sent += 1

    def _once(self, path: str, data: bytes) -> Any:
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = kind(self._name, self._port, timeout=_SILENCE_SECONDS)
        headers = {"Content-Type": "application/json", "User-Agent": "phototagger"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        try:
            connection.request("POST", self._path + path, data, headers)
            with connection.getresponse() as response:
                self._check_status(response)
                return json.loads(self._read(response))
        except (OSError, http.client.HTTPException) as error:
            self.spent += self._dearest  # the host may have answered, and charge for it
            raise _Again(type(error).__name__) from None
        except (ValueError, RecursionError):
            self.spent += self._dearest
            raise BadAnswer(f"{self.host}: the answer is no JSON") from None
        finally:
            connection.close()

    def _check_status(self, response: http.client.HTTPResponse) -> None:
        status = response.status
        if status == http.HTTPStatus.OK:
            return
        if status in _STOPS:
            raise PhototaggerError(
                f"{self.host}: {_STOPS[status]} (HTTP {status})",
                "check OPENAI_BASE_URL, OPENAI_MODEL and OPENAI_API_KEY",
            )
        if status in (408, 409, 425, 429) or status >= 500:  # noqa: PLR2004
            seconds = _seconds(response.headers.get("Retry-After"))
            if seconds is not None and seconds > LONGEST_WAIT:
                raise PhototaggerError(
                    f"{self.host}: asks to wait {seconds:,.0f} s", "run again after that"
                )
            raise _Again(f"HTTP {status}", seconds)
        raise PhototaggerError(
            f"{self.host}: answers with HTTP {status}", "check what the host expects"
        )

    def _read(self, response: http.client.HTTPResponse) -> bytes:
        ends = time.monotonic() + ANSWER_SECONDS
        data = bytearray()
        while chunk := response.read1(65536):
            data += chunk
            self._check_cancelled()
            if len(data) > _MOST_BYTES:
                raise ValueError("the answer is too long")
            if time.monotonic() > ends:
                raise TimeoutError
        if response.length:
            raise http.client.IncompleteRead(bytes(data), response.length)
        return bytes(data)

    def _pay(self, answer: Any) -> None:
        if self._prices is None:
            return
        usage = answer.get("usage") if isinstance(answer, dict) else None
        asked, answered = (_tokens(usage, name) for name in ("prompt_tokens", "completion_tokens"))
        cost = (asked * self._prices.asked + answered * self._prices.answered) / _TOKENS
        if self._consent.money is not None and not cost:
            raise PhototaggerError(
                f"{self.host}: does not say what an answer costs", "leave the money out of --budget"
            )
        self.spent += cost
        self._dearest = max(self._dearest, cost)

    def _wait(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            self._check_cancelled()
            time.sleep(min(left, _LOOK_SECONDS))


def _tokens(usage: Any, name: str) -> int:
    count = usage.get(name) if isinstance(usage, dict) else None
    return count if type(count) is int and count > 0 else 0


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _seconds(retry_after: str | None) -> float | None:
    """Return what a Retry-After header asks for, in seconds; None where it says nothing."""
    try:
        seconds = float(retry_after or "")
    except ValueError:
        try:
            seconds = parsedate_to_datetime(retry_after or "").timestamp() - time.time()
        except (ValueError, TypeError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def number_of(name: str, text: str) -> float:
    """Return a number above 0 that a variable of the environment holds. Raises UsageError."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise UsageError(f"{name}: {printable(text)} is no number above 0", "correct it")
    return number
