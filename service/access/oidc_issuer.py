"""The firm's OpenID provider over HTTPS: where it is asked, its keys, and a code changed into an ID token.

What it says of itself is kept for an hour, and its keys until a token is signed by none of them. It is asked without
following redirects, for so many seconds and so many bytes; whatever goes wrong is one error, in words for the log.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import msgspec
from joserfc.jwk import Key

from service.access.oidc import Attempt, Client, Endpoints, Question, endpoints, metadata_address, token_question
from service.access.oidc_token import Doubted, Expected, believed, public_keys

PATIENCE_S = 5.0
KEPT_S = 3_600.0
PAUSE_S = 3.0
"""After a failure the provider is not asked again for so long: who waits is told at once."""
MOST_BYTES = 1_000_000


class ProviderDown(Exception):  # noqa: N818 - it says what is
    """The provider does not answer, or not as a provider does; the message says what was wrong, for the log."""


class Answer(msgspec.Struct, frozen=True):
    """The part of the token endpoint's answer that is used (RFC 6749, 5.1)."""

    id_token: str
    access_token: str | None = None


class Issuer:
    """One provider, asked by many threads; what it says of itself is asked by one of them."""

    def __init__(
        self, client: Client, *, patience_s: float = PATIENCE_S, clock: Callable[[], float] = time.time
    ) -> None:
        self.client = client
        self._http = httpx.Client(timeout=patience_s, follow_redirects=False)
        self._clock = clock
        self._one_at_a_time = threading.Lock()
        self._endpoints: tuple[float, Endpoints] | None = None
        self._keys: list[Key] | None = None
        self._failed_at: float | None = None

    def close(self) -> None:
        """End the connections."""
        self._http.close()

    def endpoints(self) -> Endpoints:
        """Return where the provider is asked for what; raise ProviderDown when it cannot be known."""
        with self._one_at_a_time:
            if self._endpoints is None or time.monotonic() - self._endpoints[0] > KEPT_S:
                self._endpoints = (time.monotonic(), self._asked_for_endpoints())
            return self._endpoints[1]

    def claims(self, code: str, back: str, attempt: Attempt) -> dict[str, Any] | Doubted:
        """Return what the provider says of whom it let in, or why that is not believed; raise ProviderDown."""
        where = self.endpoints()
        question = token_question(where, self.client, back, code, attempt.verifier)
        answer = self._token(question)
        expected = Expected(
            issuer=self.client.issuer,
            client_id=self.client.client_id,
            nonce=attempt.nonce,
            access_token=answer.access_token,
        )
        found = believed(answer.id_token, self._known_keys(where), expected, int(self._clock()))
        if isinstance(found, Doubted) and found.strange:
            self._keys = None  # they may have been changed since
            return believed(answer.id_token, self._known_keys(where), expected, int(self._clock()))
        return found

    def _token(self, question: Question) -> Answer:
        said = self._asked("POST", question.url, headers=question.headers, content=question.body)
        try:
            return msgspec.json.decode(said, type=Answer)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            msg = f"{question.url} answers without an ID token: {error}"
            raise ProviderDown(msg) from None

    def _known_keys(self, where: Endpoints) -> list[Key]:
        keys = self._keys
        if keys is None:
            found = public_keys(self._asked("GET", where.keys))
            if isinstance(found, str):
                raise ProviderDown(found)
            keys = self._keys = found
        return keys

    def _asked_for_endpoints(self) -> Endpoints:
        if self._failed_at is not None and time.monotonic() - self._failed_at < PAUSE_S:
            msg = "it did not answer a moment ago"
            raise ProviderDown(msg)
        self._failed_at = time.monotonic()
        found = endpoints(self._asked("GET", metadata_address(self.client.issuer)), self.client.issuer)
        if isinstance(found, str):
            raise ProviderDown(found)
        self._failed_at = None
        return found

    def _asked(self, method: str, url: str, **sent: Any) -> bytes:
        """Return the body of an answer that says yes."""
        try:
            with self._http.stream(method, url, **sent) as answer:
                body = b""
                for chunk in answer.iter_bytes():
                    body += chunk
                    if len(body) > MOST_BYTES:
                        msg = f"{url} answers with more than {MOST_BYTES} bytes"
                        raise ProviderDown(msg)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            msg = f"{url} cannot be asked: {error or type(error).__name__}"
            raise ProviderDown(msg) from None
        if answer.status_code != httpx.codes.OK:
            msg = f"{url} answers {answer.status_code}: {body[:200].decode('utf-8', 'replace')}"
            raise ProviderDown(msg)
        return body
