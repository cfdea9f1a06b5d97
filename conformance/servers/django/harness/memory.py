"""A memory of token requests."""

from collections import deque
from dataclasses import dataclass

_MOST = 10_000


@dataclass(frozen=True)
class TokenRequest:
    """One request to a token endpoint.

    Attributes:
        server: `django-oauth-toolkit` or `django-oidc-provider`.
        time: Milliseconds since 1970, by this machine's clock, when it was answered.
        grant_type: As sent; None if there was none.
        client_id: As sent, by Basic authentication or else in the body; None if there was none.
        status: Of the answer.
    """

    server: str
    time: int
    grant_type: str | None
    client_id: str | None
    status: int


_requests: deque[tuple[str, TokenRequest]] = deque(maxlen=_MOST)


def remember(host: str, request: TokenRequest) -> None:
    """Remembers a request by the Host header that it came with; the oldest ones are forgotten."""
    _requests.append((host, request))


def recall(host: str) -> list[TokenRequest]:
    """Gives the requests that came with this Host header, the oldest first."""
    return [request for at, request in _requests if at == host]
