# SPDX-License-Identifier: MIT-0
"""An OAuth 2.0 client that keeps one token: gets it, renews it when due, sends requests with it.

Copy this file and build on it. It needs Python 3.10 and requests 2.32.2 on urllib3 2.2.3, or newer.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import ipaddress
import json
import math
import os
import re
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote_plus, urljoin

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.util import parse_url

TIME_LIMIT = 30.0
"""Seconds for a whole exchange, a trickling body included."""

SIZE_LIMIT = 1024 * 1024
"""Bytes of a body that are read."""

LONGEST_MARGIN = 30.0
"""Seconds before its end at which a token is renewed; a tenth of a short lifetime."""

ErrorClass = Literal[
    "config_error",
    "invalid_client",
    "invalid_grant",
    "invalid_scope",
    "access_denied",
    "metadata_error",
    "invalid_response",
    "rate_limited",
    "unavailable",
    "unauthorized",
    "forbidden",
    "timeout",
    "network",
    "tls",
]

_CLASS_OF_OAUTH_ERROR: dict[str, ErrorClass] = {
    "invalid_client": "invalid_client",
    "unauthorized_client": "invalid_client",  # Keycloak's word for a wrong secret
    "invalid_grant": "invalid_grant",
    "invalid_scope": "invalid_scope",
    "access_denied": "access_denied",
    "invalid_request": "config_error",
    "unsupported_grant_type": "config_error",
    "invalid_target": "config_error",
    "temporarily_unavailable": "unavailable",
    "server_error": "unavailable",
}

_ADVICE: dict[ErrorClass, str] = {
    "invalid_client": "check client_id, client_secret and client_auth",
    "invalid_scope": "check scope",
    "metadata_error": "check issuer",
    "invalid_response": "check that this is the right URL",
    "rate_limited": "try again later",
    "unavailable": "try again later",
    "unauthorized": "check that the API trusts this issuer",
    "forbidden": "ask for a scope that allows this",
    "timeout": "check the URL and the network, or try again",
    "network": "check the URL and the network, or try again",
    "tls": "check the server's certificate",
}


class OAuthError(Exception):
    """The one error that a client raises. Its text never holds a body, a token or a secret.

    Attributes:
        error_class: What kind of failure it is, and so what to do about it.
        oauth_error: The server's `error` (RFC 6749, 5.2).
        oauth_description: The server's `error_description`, on one line and cut.
        http_status: The status of the answer, where there was one.
    """

    def __init__(
        self,
        error_class: ErrorClass,
        message: str,
        *,
        http_status: int | None = None,
        oauth_error: str | None = None,
        oauth_description: str | None = None,
    ) -> None:
        """Adds to the message what can be done about errors of this class."""
        advice = _ADVICE.get(error_class)
        super().__init__(f"{message}; {advice}" if advice else message)
        self.error_class = error_class
        self.http_status = http_status
        self.oauth_error = oauth_error
        self.oauth_description = oauth_description


class Secret:
    """A text that shows `***` wherever it is printed."""

    # Without a __dict__, vars() and what builds on it show nothing either.
    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        """Wraps the text."""
        self._value = value

    def reveal(self) -> str:
        """The text itself, for the one place that sends it."""
        return self._value

    def __repr__(self) -> str:
        return "***"

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)


class TokenSecret(Secret):
    """A token. Its print tells one token from another.

    A client secret has no digest: people choose short ones, and a digest would confirm a guess.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"***sha256:{hashlib.sha256(self._value.encode()).hexdigest()[:8]}"


@dataclass(frozen=True)
class Token:
    """An access token with what was issued beside it. Printing it shows no secret.

    Attributes:
        access_token: Call `reveal()` to read it.
        scope: What was granted.
        refresh_token: The one that the next renewal will use, new or kept.
        id_token: The ID token of an OpenID Connect server, unchecked.
        token_type: Always Bearer, however the server spelt it (RFC 6749, 5.1).
    """

    access_token: TokenSecret
    scope: tuple[str, ...]
    refresh_token: TokenSecret | None
    id_token: TokenSecret | None
    token_type: str = field(default="Bearer", init=False)
    # When it was asked for, in seconds of the monotonic clock, and for how many seconds it lives.
    _sent_at: float = field(repr=False, kw_only=True)
    _lifetime: float = field(repr=False, kw_only=True)

    @property
    def expires_in(self) -> float | None:
        """Seconds left of its life; None when the server did not say how long it lives."""
        left = self._sent_at + self._lifetime - time.monotonic()
        return max(0.0, left) if math.isfinite(left) else None

    def is_fit(self, min_validity: float = 0) -> bool:
        """Whether it lives for more than `min_validity` seconds, and more than the margin."""
        left = self.expires_in
        return left is None or left > max(min_validity, min(LONGEST_MARGIN, self._lifetime / 10))


@dataclass(frozen=True)
class Response:
    """An answer, read to its end.

    Attributes:
        status: The HTTP status.
        headers: The headers; the case of a name does not matter.
        body: The body, decompressed.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """The body as UTF-8, which JSON is (RFC 8259, 8.1)."""
        return self.body.decode("utf-8", "replace")


class TokenClient:
    """Keeps one token: gets it, renews it when it is due, sends requests with it.

    Safe for use by many threads. Those that come together share one renewal.
    """

    def __init__(
        self,
        *,
        client_id: str | None = None,
        client_secret: str | None = None,
        issuer: str | None = None,
        token_url: str | None = None,
        refresh_url: str | None = None,
        client_auth: str | None = None,
        scope: str | None = None,
        api_url: str | None = None,
        grant: str | None = None,
        debug: bool = False,
    ) -> None:
        """Checks the settings and sends nothing yet. An empty setting counts as missing.

        Args:
            client_id: Always needed.
            client_secret: Needed unless `client_auth` is none.
            issuer: Its metadata names the token endpoint (OpenID Connect Discovery, 4).
            token_url: Token endpoint, for servers without discovery. Wins over discovery.
            refresh_url: Where refresh requests go, if not to the token endpoint.
            client_auth: basic, post or none (RFC 6749, 2.3.1). Default: basic, but post if the
                metadata lists methods and basic is not among them.
            scope: Scopes, separated by spaces.
            api_url: Base of the API. The token goes to its origin and nowhere else.
            grant: client_credentials, which is also the default (RFC 6749, 4.4).
            debug: Writes one line an exchange to standard error, with secrets masked.

        Raises:
            OAuthError: config_error, naming everything that is missing or wrong.
        """
        wrong = []
        if not issuer and not token_url:
            wrong.append("issuer or token_url is missing")
        if not client_id:
            wrong.append("client_id is missing")
        if not client_secret and client_auth != "none":
            wrong.append("client_secret is missing")
        if client_auth and client_auth not in ("basic", "post", "none"):
            wrong.append("client_auth must be basic, post or none")
        if grant and grant != "client_credentials":
            wrong.append("grant must be client_credentials")
        urls = {"issuer": issuer, "token_url": token_url, "refresh_url": refresh_url}
        for name, url in {**urls, "api_url": api_url}.items():
            if url and not _is_secure(url):
                wrong.append(f"{name} must be an https URL, or http on loopback")
        if wrong:
            raise OAuthError("config_error", f"settings: {', '.join(wrong)}")

        self._client_id = client_id or ""
        self._client_secret = Secret(client_secret or "")
        # Both parts form-encoded, then Base64 (RFC 6749, 2.3.1).
        pair = f"{quote_plus(client_id or '')}:{quote_plus(client_secret or '')}"
        self._basic_credentials = Secret(base64.b64encode(pair.encode()).decode())
        self._issuer = issuer or ""
        self._token_url = token_url
        self._refresh_url = refresh_url
        self._client_auth = client_auth
        self._scope = scope.strip() if scope else ""
        self._api_url = api_url
        self._debug = debug

        self._lock = threading.Lock()
        self._token: Token | None = None
        self._renewal: Future[Token] | None = None
        # Touched by the renewal alone, of which there is one at a time.
        self._refresh_token: TokenSecret | None = None
        self._refresh_token_ends = math.inf

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> TokenClient:
        """A client with settings from OAUTH_ISSUER, OAUTH_CLIENT_ID and so on, and API_URL.

        OAUTH_DEBUG=1 sets `debug`.

        Raises:
            OAuthError: config_error, as the constructor does.
        """
        read = environment.get
        return cls(
            client_id=read("OAUTH_CLIENT_ID"),
            client_secret=read("OAUTH_CLIENT_SECRET"),
            issuer=read("OAUTH_ISSUER"),
            token_url=read("OAUTH_TOKEN_URL"),
            refresh_url=read("OAUTH_REFRESH_URL"),
            client_auth=read("OAUTH_CLIENT_AUTH"),
            scope=read("OAUTH_SCOPE"),
            api_url=read("API_URL"),
            grant=read("OAUTH_GRANT"),
            debug=read("OAUTH_DEBUG") == "1",
        )

    def get_token(self, *, min_validity: float = 0, force_refresh: bool = False) -> Token:
        """A token that is fit for use: the one at hand or a renewed one.

        Args:
            min_validity: Seconds that it must still live. A token that was just issued is given in
                any case.
            force_refresh: Renew although the token is fit. Joins a renewal that is under way.

        Raises:
            OAuthError: No token was to be had. The next call tries anew.
        """
        return self._token_that(lambda token: not force_refresh and token.is_fit(min_validity))

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        body: str | bytes | None = None,
    ) -> Response:
        """Sends a request with the token in its Authorization header (RFC 6750, 2.1).

        After a 401 the token is renewed once and the request repeated once (RFC 6750, 3.1).
        Redirects are returned, not followed.

        Args:
            method: GET, POST and so on.
            url: Relative to `api_url`, or of the same origin.
            headers: More headers; an Authorization among them is replaced.
            body: A text is sent as UTF-8.

        Raises:
            OAuthError: unauthorized after a second 401, forbidden after a 403, config_error for a
                URL elsewhere, and what `get_token` raises.
        """
        target = self._api_target(url)
        token = self.get_token()
        response = self._send_with_token(method, target, headers, body, token)
        if response.status == 401:
            # Another thread may have renewed it: only the refused token is worth replacing.
            renewed = self._token_that(lambda other: other is not token and other.is_fit())
            response = self._send_with_token(method, target, headers, body, renewed)
        what = f"{method} {_bare(target)}: HTTP {response.status}"
        if response.status == 401:
            raise OAuthError("unauthorized", f"{what} with a renewed token too", http_status=401)
        if response.status == 403:
            raise OAuthError("forbidden", f"{what}, the token is not enough", http_status=403)
        return response

    def __repr__(self) -> str:
        return (
            f"TokenClient(client_id={self._client_id!r}, client_secret={self._client_secret}, "
            f"token={self._token})"
        )

    def _token_that(self, will_do: Callable[[Token], bool]) -> Token:
        """The current token if it will do, else that of the renewal under way or of a new one."""
        with self._lock:
            if self._token and will_do(self._token):
                return self._token
            is_first = self._renewal is None
            renewal = self._renewal = self._renewal or Future()
        if is_first:
            self._settle(renewal)
        return renewal.result()

    def _settle(self, renewal: Future[Token]) -> None:
        """Renews, and lets go of the renewal before anybody hears of its end."""
        try:
            token = self._renew()
        except BaseException as error:  # whatever it is, nobody must wait for ever
            with self._lock:
                self._renewal = None
            renewal.set_exception(error)
        else:
            with self._lock:
                self._token, self._renewal = token, None
            renewal.set_result(token)

    def _renew(self) -> Token:
        token_url = self._token_url or self._discover()
        if self._refresh_token and time.monotonic() < self._refresh_token_ends:
            # RFC 6749, 6. Without scope the new token may do what the old one might.
            refresh: dict[str, str | Secret] = {
                "grant_type": "refresh_token",
                "refresh_token": self._refresh_token,
            }
            granted = self._token.scope if self._token else ()
            try:
                return self._request_token(self._refresh_url or token_url, refresh, granted)
            except OAuthError as error:
                if error.error_class != "invalid_grant":
                    raise
        self._refresh_token = None
        # RFC 6749, 4.4.
        grant = {"grant_type": "client_credentials"}
        if self._scope:
            grant["scope"] = self._scope
        return self._request_token(token_url, grant, tuple(self._scope.split()))

    def _discover(self) -> str:
        """Reads the issuer's metadata (OpenID Connect Discovery, 4) and keeps what it says."""
        url = f"{self._issuer.removesuffix('/')}/.well-known/openid-configuration"
        response = self._exchange("GET", url, {"Accept": "application/json"})

        def unusable(why: str) -> OAuthError:
            message = f"GET {_bare(url)}: HTTP {response.status}, {why}"
            return OAuthError("metadata_error", message, http_status=response.status)

        metadata = _json_object(response.body)
        if response.status != 200 or metadata is None:
            raise unusable("no metadata")
        # The very same text (section 4.3): another issuer's metadata must not be used.
        if metadata.get("issuer") != self._issuer:
            raise unusable(f"its issuer is not {self._issuer}")
        token_url = _text(metadata.get("token_endpoint"))
        if not token_url or not _is_secure(token_url):
            raise unusable("its token_endpoint is missing or no https URL")
        methods = metadata.get("token_endpoint_auth_methods_supported")
        if isinstance(methods, list) and methods and "client_secret_basic" not in methods:
            self._client_auth = self._client_auth or "post"
        self._token_url = token_url
        return token_url

    def _request_token(
        self, url: str, grant: Mapping[str, str | Secret], scope: tuple[str, ...]
    ) -> Token:
        headers = {"Accept": "application/json"}
        form = dict(grant)
        if self._client_auth in ("post", "none"):
            form["client_id"] = self._client_id
            if self._client_auth == "post":
                form["client_secret"] = self._client_secret
        else:
            headers["Authorization"] = f"Basic {self._basic_credentials.reveal()}"
        sent_at = time.monotonic()
        response = self._exchange("POST", url, headers, form)

        what = f"POST {_bare(url)}: HTTP {response.status}"
        answer = _json_object(response.body)
        if not 200 <= response.status <= 299:
            raise self._refusal(what, response.status, answer or {})
        if answer is None or (problem := _problem_of(answer)):
            problem = "but no JSON object" if answer is None else problem
            raise OAuthError("invalid_response", f"{what}, {problem}", http_status=response.status)

        # Without a new refresh token the old one stays valid (RFC 6749, 6).
        if refresh_token := _text(answer.get("refresh_token")):
            self._refresh_token = TokenSecret(refresh_token)
            # Keycloak says 0 when it sets no limit.
            known_life = _seconds(answer.get("refresh_expires_in")) or math.inf
            self._refresh_token_ends = sent_at + known_life
        granted = _text(answer.get("scope"))
        id_token = _text(answer.get("id_token"))
        lifetime = _seconds(answer.get("expires_in"))
        return Token(
            access_token=TokenSecret(answer["access_token"]),
            # Where the answer has none, it is the one that was asked for (RFC 6749, 5.1).
            scope=tuple(granted.split()) if granted else scope,
            refresh_token=self._refresh_token,
            id_token=TokenSecret(id_token) if id_token else None,
            _sent_at=sent_at,
            _lifetime=math.inf if lifetime is None else lifetime,
        )

    def _refusal(self, what: str, status: int, answer: Mapping[str, Any]) -> OAuthError:
        """The error that the server reported (RFC 6749, 5.2)."""
        code = _text(answer.get("error"))
        error_class = _CLASS_OF_OAUTH_ERROR.get(code or "", "invalid_response")
        if status == 429:
            error_class = "rate_limited"
        elif status >= 500:
            error_class = "unavailable"
        oauth_error = self._printable(code)
        description = self._printable(_text(answer.get("error_description"))) if code else None
        said = ": ".join(filter(None, [oauth_error, description])) or "no OAuth error in it"
        return OAuthError(
            error_class,
            f"{what}, {said}",
            http_status=status,
            oauth_error=oauth_error,
            oauth_description=description,
        )

    def _printable(self, text: str | None) -> str | None:
        """A server's text on one line, cut, and without the secrets that it may have echoed."""
        if text is None:
            return None
        access_token = self._token.access_token if self._token else None
        secrets = self._client_secret, self._basic_credentials, self._refresh_token, access_token
        for secret in filter(None, secrets):
            for spelling in filter(None, (secret.reveal(), quote_plus(secret.reveal()))):
                text = text.replace(spelling, str(secret))
        return "".join(c if c.isprintable() else " " for c in text)[:200]

    def _api_target(self, url: str) -> str:
        """The absolute URL, which must be the API's: the token goes nowhere else."""
        if not self._api_url:
            raise OAuthError("config_error", "settings: api_url is missing")
        # Without its final slash, a base would lose the last part of its path.
        base = _bare(self._api_url).removesuffix("/") + "/"
        with contextlib.suppress(ValueError):
            target = urljoin(base, url)
            if _is_secure(target) and _origin(target) == _origin(base):
                return target
        raise OAuthError("config_error", f"the token goes to the origin of {base} only")

    def _send_with_token(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        body: str | bytes | None,
        token: Token,
    ) -> Response:
        with_token = CaseInsensitiveDict(headers or {})
        with_token["Authorization"] = f"Bearer {token.access_token.reveal()}"
        data = body.encode() if isinstance(body, str) else body
        return self._exchange(method, url, with_token, data)

    def _exchange(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: Mapping[str, str | Secret] | bytes | None = None,
    ) -> Response:
        """One exchange and, with `debug`, a line about it."""
        form = body if isinstance(body, Mapping) else {}
        data = {k: v.reveal() if isinstance(v, Secret) else v for k, v in form.items()} or body
        started, end = time.monotonic(), "broken off"
        try:
            response = _send(method, url, headers, data)
            end = str(response.status)
            answer = _json_object(response.body) if form else None
            if answer and (access_token := _text(answer.get("access_token"))):
                end += f" access_token={TokenSecret(access_token)}"
            return response
        except OAuthError as error:
            end = error.error_class
            raise
        finally:
            if self._debug:
                fields = "".join(f" {name}={value}" for name, value in form.items())
                took = round((time.monotonic() - started) * 1000)
                sys.stderr.write(f"{method} {_bare(url)}{fields} -> {end} in {took} ms\n")


class _Deadline(HTTPAdapter):
    """Sends one request and ends the exchange when its time is up.

    The timeout of requests is for each read, so a server that trickles never meets it. Here a timer
    shuts the sockets down, which ends whatever reads them. It does so through duplicates, because
    TLS takes the originals away.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.is_over = False
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> _Deadline:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self.close()
        for duplicate in self._sockets:
            duplicate.close()

    def get_connection_with_tls_context(self, *args: Any, **options: Any) -> Any:
        pool = super().get_connection_with_tls_context(*args, **options)
        deadline = self

        class Watched(pool.ConnectionCls):  # type: ignore[misc, name-defined]
            def _new_conn(self) -> socket.socket:
                opened: socket.socket = super()._new_conn()
                deadline._sockets.append(opened.dup())
                if deadline.is_over:
                    deadline._end()
                return opened

        pool.ConnectionCls = Watched
        return pool

    def _end(self) -> None:
        self.is_over = True
        for duplicate in self._sockets:
            with contextlib.suppress(OSError):
                duplicate.shutdown(socket.SHUT_RDWR)


def _send(
    method: str, url: str, headers: Mapping[str, str], body: Mapping[str, Any] | bytes | None
) -> Response:
    """One request and its whole answer. No redirect is followed and nothing is retried."""
    what = f"{method} {_bare(url)}"
    try:
        # Not by a Session: that takes Authorization out of ~/.netrc and proxies out of the
        # environment, keeps cookies, and reads the whole body of a redirect, however long.
        request = requests.Request(method, url, dict(headers), data=body).prepare()
    except ValueError:
        raise OAuthError("config_error", f"{what}: a URL or header that cannot be sent") from None
    with _Deadline(TIME_LIMIT) as deadline:
        try:
            content = bytearray()
            with deadline.send(request, stream=True, timeout=TIME_LIMIT) as response:
                # read1 gives what has come; other ways to read wait until a chunk is full.
                while chunk := response.raw.read1(65536, decode_content=True):
                    content += chunk
                    if len(content) > SIZE_LIMIT:
                        why = f"{what}: HTTP {response.status_code}, more than {SIZE_LIMIT} bytes"
                        raise OAuthError("invalid_response", why, http_status=response.status_code)
            if deadline.is_over:  # a shut socket may look like the end of the body
                raise TimeoutError
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise _broken_exchange(what, error, deadline.is_over) from None
        except ValueError:
            why = f"{what}: a method or header that cannot be sent"
            raise OAuthError("config_error", why) from None
    return Response(response.status_code, response.headers, bytes(content))


def _broken_exchange(what: str, error: BaseException, is_over: bool) -> OAuthError:
    if is_over or isinstance(error, (requests.Timeout, urllib3.exceptions.TimeoutError)):
        return OAuthError("timeout", f"{what}: no whole answer within {TIME_LIMIT:g} s")
    is_tls = isinstance(error, (requests.exceptions.SSLError, urllib3.exceptions.SSLError))
    # The operating system's words, if it was that: other texts may quote what the server sent.
    cause: BaseException | None = error
    while cause and not getattr(cause, "strerror", None):
        cause = cause.__cause__ or cause.__context__
    why = getattr(cause, "strerror", None) or type(error).__name__
    return OAuthError("tls" if is_tls else "network", f"{what}: {why}")


def _json_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object of a body. The parser's error would quote the body, so it stays here."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _problem_of(answer: Mapping[str, Any]) -> str | None:
    """What keeps a 2xx answer from being a token (RFC 6749, 5.1 and 7.1)."""
    if "error" in answer:
        return "but an error in it"
    # Tokens are made of these characters (RFC 6749, A.12), and no others fit into a header.
    if not re.fullmatch("[ -~]+", _text(answer.get("access_token")) or ""):
        return "but no access_token"
    if (_text(answer.get("token_type")) or "").lower() != "bearer":
        return "but the token_type is not Bearer"
    return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _seconds(value: object) -> float | None:
    """A count of seconds, which some servers send as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _is_secure(url: str) -> bool:
    """Credentials go over https only (RFC 6749, 3.2); on loopback nobody listens in."""
    try:
        parts = parse_url(url)  # as requests does: what is checked is what is sent
    except ValueError:
        return False
    if not parts.host or parts.auth is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.host))


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _origin(url: str) -> tuple[str | None, str | None, int]:
    parts = parse_url(url)
    return parts.scheme, parts.host, parts.port or (443 if parts.scheme == "https" else 80)


def _bare(url: str) -> str:
    """A URL for messages: a query may hold what should not be shown."""
    return re.split("[?#]", url, maxsplit=1)[0]
