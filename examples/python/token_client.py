# SPDX-License-Identifier: MIT-0
"""An OAuth 2.0 client that keeps one token: gets it, renews it when due, sends requests with it.

Copy this file and build on it. It needs Python 3.10 and requests 2.32.2 on urllib3 2.2.3, or newer;
logins with the scope openid also need PyJWT[crypto] 2.10, and a token file needs a POSIX system.

From top to bottom: errors, secrets and tokens; the client; a login; what an ID token must be; the
token file and its lock; one HTTP exchange.
"""

from __future__ import annotations

import base64
import contextlib
import errno
import hashlib
import hmac
import html
import ipaddress
import json
import math
import os
import re
import secrets
import socket
import stat
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingTCPServer
from typing import Any, Literal, NamedTuple
from urllib.parse import (
    parse_qsl,
    quote,
    quote_plus,
    unquote,
    unquote_plus,
    urlencode,
    urljoin,
    urlsplit,
)

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.util import parse_url

TIME_LIMIT = 30.0
"""Seconds for a whole exchange, a trickling body included."""

SIZE_LIMIT = 1024 * 1024
"""Bytes of a body, or of a token file, that are read."""

LONGEST_MARGIN = 30.0
"""Seconds before its end at which a token is renewed; a tenth of a short lifetime."""

LOGIN_LIMIT = 300.0
"""Seconds that a person has to come back from the browser."""

LOCK_LIMIT = 60.0
"""Seconds to wait for the lock of a token file: more than a renewal may take."""

ErrorClass = Literal[
    "config_error",
    "invalid_client",
    "invalid_grant",
    "invalid_scope",
    "access_denied",
    "login_required",
    "state_mismatch",
    "issuer_mismatch",
    "invalid_id_token",
    "invalid_userinfo",
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

# RFC 6749, 4.1.2.1, and OpenID Connect Core 1.0, 3.1.2.6.
_CLASS_OF_CALLBACK_ERROR: dict[str, ErrorClass] = {
    "access_denied": "access_denied",
    "invalid_scope": "invalid_scope",
    "login_required": "login_required",
    "interaction_required": "login_required",
    "consent_required": "login_required",
    "account_selection_required": "login_required",
    "temporarily_unavailable": "unavailable",
    "server_error": "unavailable",
    "unauthorized_client": "invalid_client",
}

_ADVICE: dict[ErrorClass, str] = {
    "invalid_client": "check client_id, client_secret and client_auth",
    "invalid_scope": "check scope",
    "login_required": "begin a new login",
    "state_mismatch": "begin a new login",
    "issuer_mismatch": "check issuer, and begin a new login",
    "invalid_id_token": "check issuer, client_id and the clock, and begin a new login",
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

# Where a challenge says more than the class does (RFC 6750, 3.1).
_ADVICE_ON_CHALLENGE = {
    "invalid_token": "the token has expired, was revoked or comes from another issuer",
    "insufficient_scope": "ask for a scope that allows this",
}

# A token with what was issued beside it, in the members of a token file's entry. Here its tokens
# are Secrets, so that printing it shows none.
_Record = dict[str, Any]


class OAuthError(Exception):
    """The one error that a client raises. Its text never holds a body, a token or a secret.

    Attributes:
        error_class: What kind of failure it is, and so what to do about it.
        oauth_error: The server's `error` (RFC 6749, 5.2; of UserInfo RFC 6750, 3).
        oauth_description: The server's `error_description`, on one line and cut.
        http_status: The status of the answer, where there was one.
        answer_lost: Whether a request may have reached the server although no whole answer came.
    """

    def __init__(
        self,
        error_class: ErrorClass,
        message: str,
        *,
        http_status: int | None = None,
        oauth_error: str | None = None,
        oauth_description: str | None = None,
        answer_lost: bool = False,
    ) -> None:
        """Adds to the message what can be done about errors of this class."""
        advice = _ADVICE_ON_CHALLENGE.get(oauth_error or "") or _ADVICE.get(error_class)
        super().__init__(f"{message}; {advice}" if advice else message)
        self.error_class = error_class
        self.http_status = http_status
        self.oauth_error = oauth_error
        self.oauth_description = oauth_description
        self.answer_lost = answer_lost


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
        # JSON may hold half of a surrogate pair, which strict UTF-8 has no bytes for.
        digest = hashlib.sha256(self._value.encode("utf-8", "surrogatepass"))
        return f"***sha256:{digest.hexdigest()[:8]}"


@dataclass(frozen=True)
class Token:
    """An access token with what was issued beside it. Printing it shows no secret.

    Attributes:
        access_token: Call `reveal()` to read it.
        scope: What was granted.
        refresh_token: The one that the next renewal will use, new or kept.
        id_token: The ID token of an OpenID Connect server. After a login it is verified.
        token_type: Always Bearer, however the server spelt it (RFC 6749, 5.1).
    """

    access_token: TokenSecret
    scope: tuple[str, ...]
    refresh_token: TokenSecret | None
    id_token: TokenSecret | None
    token_type: str = field(default="Bearer", init=False)
    # When it was asked for, in seconds of the monotonic clock, and for how many seconds it and its
    # refresh token live.
    _sent_at: float = field(repr=False, kw_only=True)
    _lifetime: float = field(repr=False, kw_only=True)
    _refresh_lifetime: float = field(repr=False, kw_only=True)

    @property
    def expires_in(self) -> float | None:
        """Seconds left of its life; None when the server did not say how long it lives."""
        left = self._sent_at + self._lifetime - time.monotonic()
        return max(0.0, left) if math.isfinite(left) else None

    @property
    def can_refresh(self) -> bool:
        """Whether there is a refresh token that is not past its known life."""
        elapsed = time.monotonic() - self._sent_at
        return self.refresh_token is not None and elapsed < self._refresh_lifetime

    def is_fit(self, min_validity: float = 0) -> bool:
        """Whether it lives for more than `min_validity` seconds, and more than the margin."""
        left = self.expires_in
        return left is None or left > max(min_validity, min(LONGEST_MARGIN, self._lifetime / 10))


def _token_of(record: _Record, sent_at: float | None = None) -> Token:
    """The token of a record.

    Args:
        record: Its times are of the wall clock, so that other processes can read them.
        sent_at: The same moment as its `issued_at`, on the monotonic clock. Where it is not known,
            as with a stored token, it is found by the wall clock.
    """
    issued_at = record["issued_at"]
    if sent_at is None:
        sent_at = time.monotonic() - max(0.0, time.time() - issued_at)
    return Token(
        access_token=record["access_token"],
        scope=tuple(record.get("scope", "").split()),
        refresh_token=record.get("refresh_token"),
        id_token=record.get("id_token"),
        _sent_at=sent_at,
        _lifetime=max(0.0, record.get("expires_at", math.inf) - issued_at),
        _refresh_lifetime=max(0.0, record.get("refresh_expires_at", math.inf) - issued_at),
    )


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
        authorize_url: str | None = None,
        userinfo_url: str | None = None,
        jwks_url: str | None = None,
        client_auth: str | None = None,
        scope: str | None = None,
        username: str | None = None,
        password: str | None = None,
        redirect_port: int | str | None = None,
        token_file: str | None = None,
        api_url: str | None = None,
        grant: str | None = None,
        debug: bool = False,
    ) -> None:
        """Checks the settings and sends nothing yet. An empty setting counts as missing.

        Args:
            client_id: Always needed.
            client_secret: Needed unless `client_auth` is none, or unset for authorization_code.
            issuer: Its metadata names the endpoints (OpenID Connect Discovery, 4).
            token_url: Token endpoint, for servers without discovery. Like each URL here it wins
                over discovery. Credentials in it stand for client_id and client_secret.
            refresh_url: Where refresh requests go, if not to the token endpoint.
            authorize_url: Where a person logs in.
            userinfo_url: The UserInfo endpoint.
            jwks_url: Where the keys are that sign ID tokens.
            client_auth: basic, post or none (RFC 6749, 2.3.1). Default: basic, but post if the
                metadata lists methods and basic is not among them; none for a login without secret.
            scope: Scopes, separated by spaces. With openid, a login brings an ID token.
            username: For the grant password.
            password: For the grant password.
            redirect_port: Port on 127.0.0.1 to which a login comes back. Default: any free one.
            token_file: Where tokens are kept between runs (docs/token-file.md), shared with other
                processes. Default: in memory.
            api_url: Base of the API. The token goes to its origin and nowhere else.
            grant: client_credentials (RFC 6749, 4.4), which is also the default;
                authorization_code (4.1): a person's login, see `start_login`; password (4.3), for
                legacy servers only, since it shows the password to the client (RFC 9700, 2.4).
            debug: Writes one line an exchange to standard error, with secrets masked.

        Raises:
            OAuthError: config_error, naming everything that is missing or wrong.
        """
        grant = grant or "client_credentials"
        if token_url:
            token_url, url_id, url_secret = _split_credentials(token_url)
            if not client_id or client_id == url_id:  # a secret belongs to the id beside it
                client_secret = client_secret or url_secret
            client_id = client_id or url_id
            client_auth = client_auth or ("basic" if url_secret else None)
        wrong = []
        if not issuer and not token_url:
            wrong.append("issuer or token_url is missing")
        if grant == "authorization_code" and not issuer and not authorize_url:
            wrong.append("issuer or authorize_url is missing")
        if not client_id:
            wrong.append("client_id is missing")
        is_public = grant == "authorization_code" and not client_auth  # unless it says otherwise
        if not client_secret and client_auth != "none" and not is_public:
            wrong.append("client_secret is missing")
        if client_secret and client_auth == "none":
            wrong.append("client_secret is set, but client_auth is none")
        if client_auth and client_auth not in ("basic", "post", "none"):
            wrong.append("client_auth must be basic, post or none")
        if grant == "password":
            credentials = {"username": username, "password": password}
            wrong += [f"{name} is missing" for name, text in credentials.items() if not text]
        if grant not in ("client_credentials", "authorization_code", "password"):
            wrong.append("grant must be client_credentials, authorization_code or password")
        if (
            not re.fullmatch("[0-9]{1,5}", str(redirect_port or 0))
            or int(redirect_port or 0) > 65535
        ):
            wrong.append("redirect_port must be a port from 0 to 65535")
        if token_file and "\0" in token_file:
            wrong.append("token_file must be a path")
        urls = {
            "token_url": token_url,
            "refresh_url": refresh_url,
            "authorize_url": authorize_url,
            "userinfo_url": userinfo_url,
            "jwks_url": jwks_url,
            "api_url": api_url,
        }
        for name, url in {"issuer": issuer, **urls}.items():
            if url and not _is_secure(url):
                wrong.append(f"{name} must be an https URL, or http on loopback, without password")
        if wrong:
            raise OAuthError("config_error", f"settings: {', '.join(wrong)}")

        self._grant = grant
        self._client_id = client_id or ""
        self._client_secret = Secret(client_secret or "")
        # Both parts form-encoded, then Base64 (RFC 6749, 2.3.1).
        pair = f"{quote_plus(client_id or '')}:{quote_plus(client_secret or '')}"
        self._basic_credentials = Secret(base64.b64encode(pair.encode()).decode())
        self._issuer = issuer or ""
        self._urls = urls
        self._client_auth = client_auth or ("none" if is_public and not client_secret else None)
        self._scope = scope.strip() if scope else ""
        self._username = username or ""
        self._password = Secret(password or "")
        self._redirect_port = int(redirect_port or 0)
        self._debug = debug

        self._lock = threading.Lock()
        self._token: Token | None = None
        self._renewal: Future[Token] | None = None
        self._metadata_lock = threading.Lock()
        self._metadata: dict[str, Any] | None = None
        self._keys: _Keys | None = None
        self._keys_pause_ends = 0.0
        self._store = _FileStore(token_file) if token_file else _MemoryStore()
        user = self._username if grant == "password" else ""
        server = self._issuer or token_url or ""
        self._key = _store_key(server, self._client_id, grant, user, self._scope)
        # What could not be stored, and what stands there instead.
        self._unsaved: _Held | None = None

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
            authorize_url=read("OAUTH_AUTHORIZE_URL"),
            userinfo_url=read("OAUTH_USERINFO_URL"),
            jwks_url=read("OAUTH_JWKS_URL"),
            client_auth=read("OAUTH_CLIENT_AUTH"),
            scope=read("OAUTH_SCOPE"),
            username=read("OAUTH_USERNAME"),
            password=read("OAUTH_PASSWORD"),
            redirect_port=read("OAUTH_REDIRECT_PORT"),
            token_file=read("OAUTH_TOKEN_FILE"),
            api_url=read("API_URL"),
            grant=read("OAUTH_GRANT"),
            debug=read("OAUTH_DEBUG") == "1",
        )

    def get_token(self, *, min_validity: float = 0, force_refresh: bool = False) -> Token:
        """A token that is fit for use: the one at hand, a stored one, or a renewed one.

        Args:
            min_validity: Seconds that it must still live. A token that was just issued is given in
                any case.
            force_refresh: Renew although the token is fit. Joins a renewal that is under way.

        Raises:
            OAuthError: No token was to be had; login_required where only a person can get one. The
                next call tries anew.
        """
        return self._token_that(
            lambda token: not force_refresh and token.is_fit(min_validity),
            force=force_refresh,
            min_validity=min_validity,
        )

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
            renewed = self._token_that(
                lambda other: other is not token and other.is_fit(), force=True
            )
            response = self._send_with_token(method, target, headers, body, renewed)
        what = f"{method} {_bare(target)}: HTTP {response.status}"
        if response.status == 401:
            raise OAuthError("unauthorized", f"{what} with a renewed token too", http_status=401)
        if response.status == 403:
            raise OAuthError("forbidden", f"{what}, the token is not enough", http_status=403)
        return response

    def start_login(self) -> PendingLogin:
        """Begins a person's login (RFC 6749, 4.1, with PKCE, RFC 7636).

        Listens on 127.0.0.1 from now on, for 300 seconds, and sends nothing but discovery. Show
        the person `authorization_url` of what it returns, then call its `finish`.

        Raises:
            OAuthError: config_error, also for a port that is in use; what discovery raises.
        """
        if self._grant != "authorization_code":
            raise OAuthError("config_error", "settings: a login needs the grant authorization_code")
        if wants_id_token := "openid" in self._scope.split():
            self._require_issuer()
            _import_jwt()
        endpoint = self._endpoint("authorize_url")
        expected = _ExpectedCallback(
            state=_unguessable(),
            issuer=self._issuer,
            names_issuer=self._find_metadata().get(_NAMES_ISSUER) is True,
        )
        verifier = _unguessable()
        challenge = hashlib.sha256(verifier.encode()).digest()
        nonce = _unguessable() if wants_id_token else None
        listener = _LoopbackListener(self._redirect_port, expected)
        parameters = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": listener.redirect_uri,
            "scope": self._scope,
            "state": expected.state,
            "nonce": nonce,
            "code_challenge": _base64url(challenge),  # RFC 7636, 4.2
            "code_challenge_method": "S256",
        }

        def redeem(code: str) -> Token:
            # RFC 6749, 4.1.3, and RFC 7636, 4.5.
            exchange: dict[str, str | Secret] = {
                "grant_type": "authorization_code",
                "code": TokenSecret(code),
                "redirect_uri": listener.redirect_uri,
                "code_verifier": Secret(verifier),
            }
            record, sent_at = self._request_token(
                self._endpoint("token_url"), exchange, nonce=nonce
            )
            with self._store.lease():
                return self._keep(record, sent_at, self._held())

        return PendingLogin(_with_query(endpoint, parameters), expected, listener, redeem)

    def get_userinfo(self) -> dict[str, Any]:
        """What the server says about the person (OpenID Connect Core 1.0, 5.3), as it says it.

        Raises:
            OAuthError: config_error without an ID token, invalid_userinfo if the answer is about
                somebody else, unauthorized and forbidden if the token does not do, and what
                `get_token` raises.
        """
        token = self.get_token()
        if token.id_token is None:
            why = "there is no ID token to compare UserInfo with: log in with the scope openid"
            raise OAuthError("config_error", why)
        self._require_issuer()
        url = self._endpoint("userinfo_url")
        headers = {"Accept": "application/json"}
        response = self._send_with_token("GET", url, headers, None, token)
        what, status = f"GET {_bare(url)}: HTTP {response.status}", response.status
        if status != 200:
            raise self._userinfo_refusal(what, response, token)
        claims = _json_object(response.body)
        if claims is None:
            raise OAuthError("invalid_response", f"{what}, but no JSON object", http_status=200)
        # Section 5.3.2: claims about anybody else must not be used.
        sub = _text(claims.get("sub"))
        if sub is None or sub != _claims_of(token.id_token).get("sub"):
            why = f"{what}, but its sub is not that of the ID token"
            raise OAuthError("invalid_userinfo", why, http_status=200)
        return claims

    def __repr__(self) -> str:
        return (
            f"TokenClient(client_id={self._client_id!r}, client_secret={self._client_secret}, "
            f"token={self._token})"
        )

    def _token_that(
        self, will_do: Callable[[Token], bool], *, force: bool, min_validity: float = 0
    ) -> Token:
        """The current token if it will do, else that of the renewal under way or of a new one."""
        with self._lock:
            if self._token and will_do(self._token):
                return self._token
            is_first = self._renewal is None
            renewal = self._renewal = self._renewal or Future()
        if is_first:
            self._settle(renewal, force, min_validity)
        return renewal.result()

    def _settle(self, renewal: Future[Token], force: bool, min_validity: float) -> None:
        """Renews, and lets go of the renewal before anybody hears of its end."""
        try:
            # Within the lease nobody else, in this process or another, renews or logs in.
            with self._store.lease():
                token = self._renew(force, min_validity)
        except BaseException as error:  # whatever it is, nobody must wait for ever
            with self._lock:
                self._renewal = None
            renewal.set_exception(error)
        else:
            with self._lock:
                self._renewal = None
            renewal.set_result(token)

    def _renew(self, force: bool, min_validity: float) -> Token:
        held = self._held()
        if held.record is None:
            return self._start_over(held)
        current, stored = self._token, _token_of(held.record)
        if current and current.access_token.reveal() == stored.access_token.reveal():
            # The same one: its own clock knows its age better than the wall clock does.
            stored = current
        elif (current or not force) and stored.is_fit(min_validity):
            # Somebody else has renewed it.
            return self._adopt(stored)
        return self._refresh(held) if stored.can_refresh else self._start_over(held)

    def _start_over(self, held: _Held, refusal: OAuthError | None = None) -> Token:
        if self._grant == "authorization_code":
            # Only a person can.
            with self._lock:
                self._token = None
            if refusal is None:
                raise OAuthError("login_required", "nobody is logged in")
            raise OAuthError(
                "login_required",
                f"the login has ended: {refusal}",
                http_status=refusal.http_status,
                oauth_error=refusal.oauth_error,
                oauth_description=refusal.oauth_description,
            )
        grant: dict[str, str | Secret] = {"grant_type": self._grant}  # RFC 6749, 4.4
        if self._grant == "password":  # RFC 6749, 4.3
            grant |= {"username": self._username, "password": self._password}
        if self._scope:
            grant["scope"] = self._scope
        return self._keep(*self._request_token(self._endpoint("token_url"), grant), held)

    def _refresh(self, held: _Held) -> Token:
        """RFC 6749, 6. Without scope the new token may do what the old one might."""
        url = self._urls["refresh_url"] or self._endpoint("token_url")
        record = held.record or {}
        if "refresh_sent_at" in record and self._debug:
            why = "a refresh was sent before whose answer nobody has seen: it may be refused"
            sys.stderr.write(f"{why}\n")
        # Who finds this mark knows that the refresh token may be spent.
        mark = {**record, "refresh_sent_at": time.time()}
        marked = self._save(mark, held)
        if marked.record is not mark:
            return self._take_theirs(marked)
        refresh = {"grant_type": "refresh_token", "refresh_token": record["refresh_token"]}
        try:
            return self._keep(*self._request_token(url, refresh, previous=record), marked)
        except OAuthError as error:
            if error.error_class == "invalid_grant":
                return self._start_over(self._save(None, marked), error)
            if not error.answer_lost:
                unmarked = {name: record[name] for name in record if name != "refresh_sent_at"}
                self._save(unmarked, marked)
            raise

    def _take_theirs(self, held: _Held) -> Token:
        """Somebody stored tokens in spite of the lease: what was to be sent may be spent."""
        token = _token_of(held.record) if held.record else None
        if token and token.is_fit():
            return self._adopt(token)
        raise OAuthError("unavailable", "somebody else is renewing the stored tokens")

    def _keep(self, record: _Record, sent_at: float, held: _Held) -> Token:
        """Stores what a request has brought, and only then uses it."""
        self._save(record, held)
        return self._adopt(_token_of(record, sent_at))

    def _adopt(self, token: Token) -> Token:
        with self._lock:
            self._token = token
        return token

    def _held(self) -> _Held:
        """What is stored, or what should be in its place."""
        held = self._store.load(self._key)
        unsaved = self._unsaved
        return unsaved if unsaved and unsaved.version == held.version else held

    def _save(self, record: _Record | None, held: _Held) -> _Held:
        """Stores a record in place of what was held.

        Never fails: the token is good, and asking for another would not make the file any better.

        Returns:
            What is stored now: somebody else's record, if it was not the one that was held.
        """
        self._unsaved = None
        try:
            return self._store.save(self._key, record, held.version) or self._store.load(self._key)
        except OAuthError as error:
            sys.stderr.write(f"the tokens are not stored: {error}\n")
            self._unsaved = _Held(record, held.version)
            return self._unsaved

    def _require_issuer(self) -> None:
        if not self._issuer:
            why = "settings: issuer is missing, without it no ID token can be verified"
            raise OAuthError("config_error", why)

    def _endpoint(self, name: str) -> str:
        """A URL of the settings, else of the metadata."""
        url = self._urls[name] or self._find_metadata().get(_MEMBER_OF_METADATA[name])
        if isinstance(url, str):
            return url
        where = f", and the metadata of {self._issuer} have none" if self._issuer else ""
        raise OAuthError("config_error", f"settings: {name} is missing{where}")

    def _find_metadata(self) -> dict[str, Any]:
        """The issuer's metadata, which are asked for once; empty without an issuer."""
        if not self._issuer:
            return {}
        with self._metadata_lock:
            if self._metadata is None:
                self._metadata = self._discover()
            return self._metadata

    def _discover(self) -> dict[str, Any]:
        """Reads the issuer's metadata (OpenID Connect Discovery, 4)."""
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
        if not self._urls["token_url"] and not metadata.get("token_endpoint"):
            raise unusable("its token_endpoint is missing")
        for member in _MEMBER_OF_METADATA.values():
            endpoint = metadata.get(member)
            if endpoint and not (isinstance(endpoint, str) and _is_secure(endpoint)):
                raise unusable(f"its {member} is no https URL")
        used = {*_MEMBER_OF_METADATA.values(), _AUTH_METHODS, _SIGNING_ALGORITHMS, _NAMES_ISSUER}
        return {name: metadata[name] for name in used if name in metadata}

    def _request_token(
        self,
        url: str,
        grant: Mapping[str, str | Secret],
        *,
        nonce: str | None = None,
        previous: _Record | None = None,
    ) -> tuple[_Record, float]:
        """One token request.

        Args:
            url: The token endpoint.
            grant: Its fields, without the client's authentication.
            nonce: What the ID token has to hold; then there must be one.
            previous: What is being refreshed.

        Returns:
            What came, and when it was asked for, in seconds of the monotonic clock.
        """
        headers = {"Accept": "application/json"}
        form = dict(grant)
        methods = (self._metadata or {}).get(_AUTH_METHODS)
        lists = isinstance(methods, list) and methods and "client_secret_basic" not in methods
        auth = self._client_auth or ("post" if lists else "basic")
        if auth == "basic":
            headers["Authorization"] = f"Basic {self._basic_credentials.reveal()}"
        else:
            form["client_id"] = self._client_id
            if auth == "post":
                form["client_secret"] = self._client_secret
        sent_at, issued_at = time.monotonic(), time.time()
        response = self._exchange("POST", url, headers, form)

        what = f"POST {_bare(url)}: HTTP {response.status}"
        answer = _json_object(response.body)
        if not 200 <= response.status <= 299:
            raise self._refusal(what, response.status, answer or {}, form)
        if answer is None or (problem := _problem_of(answer)):
            problem = "but no JSON object" if answer is None else problem
            raise OAuthError("invalid_response", f"{what}, {problem}", http_status=response.status)
        self._verify_id_token(answer, nonce, previous or {})
        return _record_of(answer, issued_at, previous or {}, self._scope), sent_at

    def _verify_id_token(
        self, answer: Mapping[str, Any], nonce: str | None, previous: _Record
    ) -> None:
        """Refuses an answer with a wrong ID token, before anything of it is used."""
        id_token = _text(answer.get("id_token"))
        if id_token is None and nonce is not None:
            raise OAuthError("invalid_id_token", "openid was asked for, but no ID token came")
        # A service has no user, and nothing reads its ID token.
        if id_token is None or self._grant == "client_credentials" or not self._issuer:
            return
        listed = self._find_metadata().get(_SIGNING_ALGORITHMS)
        algorithms = listed if isinstance(listed, list) else ["RS256"]
        claims, algorithm = _verified(id_token, algorithms, self._signing_keys)
        before = _claims_of(previous["id_token"]) if "id_token" in previous else None
        access_token = answer["access_token"]
        problem = (
            _problem_of_claims(claims, self._issuer, self._client_id, time.time())
            or (nonce is not None and claims.get("nonce") != nonce and "another nonce was sent")
            or _problem_of_at_hash(claims, access_token, algorithm)
            or (before and _problem_of_continuity(claims, before))
        )
        if problem:
            raise OAuthError("invalid_id_token", f"ID token refused: {problem}")

    def _signing_keys(self, kid: object) -> _Keys:
        """The issuer's keys, kept for ten minutes: a withdrawn one does not stay good for ever.

        Without the one that is named, the issuer may have changed its keys, and is asked again
        (OpenID Connect Core 1.0, 10.1.1), once in 30 seconds: junk must not cost it a request each.
        """
        known, now = self._keys, time.monotonic()
        if known and now - known.fetched_at < 600:
            if known.have(kid) or now < self._keys_pause_ends:
                return known
            self._keys_pause_ends = now + 30
        url = self._endpoint("jwks_url")
        response = self._exchange("GET", url, {"Accept": "application/json"})
        listed = (_json_object(response.body) or {}).get("keys")
        if response.status != 200 or not isinstance(listed, list):
            why = f"GET {_bare(url)}: HTTP {response.status}, no JSON Web Key Set"
            raise OAuthError("metadata_error", why, http_status=response.status)
        # What is not understood is ignored (RFC 7517, 5).
        known = _Keys([key for key in listed if isinstance(key, dict)], time.monotonic())
        self._keys = known
        return known

    def _refusal(
        self,
        what: str,
        status: int,
        answer: Mapping[str, Any],
        form: Mapping[str, str | Secret],
    ) -> OAuthError:
        """The error that the server reported (RFC 6749, 5.2)."""
        code = _text(answer.get("error"))
        error_class = _CLASS_OF_OAUTH_ERROR.get(code or "", "invalid_response")
        if status == 429:
            error_class = "rate_limited"
        elif status >= 500:
            error_class = "unavailable"
        oauth_error = self._printable(code, form)
        text = _text(answer.get("error_description"))
        description = self._printable(text, form) if code else None
        said = ": ".join(filter(None, [oauth_error, description])) or "no OAuth error in it"
        return OAuthError(
            error_class,
            f"{what}, {said}",
            http_status=status,
            oauth_error=oauth_error,
            oauth_description=description,
        )

    def _userinfo_refusal(self, what: str, response: Response, token: Token) -> OAuthError:
        """The error that UserInfo reported, in its challenge (RFC 6750, 3)."""
        status = response.status
        known: dict[int, ErrorClass] = {401: "unauthorized", 403: "forbidden", 429: "rate_limited"}
        otherwise: ErrorClass = "unavailable" if status >= 500 else "invalid_response"
        challenge = _bearer_challenge(response.headers.get("WWW-Authenticate", ""))
        sent = {"access_token": token.access_token}
        oauth_error = self._printable(_text(challenge.get("error")), sent)
        description = self._printable(_text(challenge.get("error_description")), sent)
        said = ": ".join(filter(None, [oauth_error, description]))
        return OAuthError(
            known.get(status, otherwise),
            f"{what}, {said}" if said else what,
            http_status=status,
            oauth_error=oauth_error,
            oauth_description=description,
        )

    def _printable(self, text: str | None, form: Mapping[str, str | Secret]) -> str | None:
        """A server's text on one line, cut, and without the secrets that it may have echoed."""
        if text is None:
            return None
        sent = [value for value in form.values() if isinstance(value, Secret)]
        access_token = [self._token.access_token] if self._token else []
        for secret in [self._client_secret, self._basic_credentials, *sent, *access_token]:
            value = secret.reveal()
            for spelling in filter(None, (value, quote_plus(value, errors="replace"))):
                text = text.replace(spelling, str(secret))
        return _one_line(text)

    def _api_target(self, url: str) -> str:
        """The absolute URL, which must be the API's: the token goes nowhere else."""
        if not self._urls["api_url"]:
            raise OAuthError("config_error", "settings: api_url is missing")
        # Without its final slash, a base would lose the last part of its path.
        base = _bare(self._urls["api_url"]).removesuffix("/") + "/"
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
                shown = {k: v if k in _SHOWN_FIELDS else _masked(v) for k, v in form.items()}
                fields = "".join(f" {name}={value}" for name, value in shown.items())
                took = round((time.monotonic() - started) * 1000)
                sys.stderr.write(f"{method} {_bare(url)}{fields} -> {end} in {took} ms\n")


_MEMBER_OF_METADATA = {
    "token_url": "token_endpoint",
    "authorize_url": "authorization_endpoint",
    "userinfo_url": "userinfo_endpoint",
    "jwks_url": "jwks_uri",
}

_AUTH_METHODS = "token_endpoint_auth_methods_supported"
_SIGNING_ALGORITHMS = "id_token_signing_alg_values_supported"
_NAMES_ISSUER = "authorization_response_iss_parameter_supported"

_SHOWN_FIELDS = ("grant_type", "scope", "client_id")


def _masked(value: str | Secret) -> Secret:
    return value if isinstance(value, Secret) else Secret(value)


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


def _record_of(
    answer: Mapping[str, Any], issued_at: float, previous: _Record, asked_scope: str
) -> _Record:
    """What is kept of a token response."""
    lifetime = _seconds(answer.get("expires_in"))
    record = {
        "access_token": TokenSecret(answer["access_token"]),
        "token_type": "Bearer",
        # Where the answer has none, it is the one that was asked for (RFC 6749, 5.1).
        "scope": _text(answer.get("scope")) or previous.get("scope") or asked_scope or None,
        "issued_at": issued_at,
        "expires_at": None if lifetime is None else issued_at + lifetime,
    }
    # Without a new refresh token the old one stays valid (RFC 6749, 6).
    if refresh_token := _text(answer.get("refresh_token")):
        # Keycloak says 0 when it sets no limit.
        known_life = _seconds(answer.get("refresh_expires_in"))
        record["refresh_token"] = TokenSecret(refresh_token)
        record["refresh_expires_at"] = issued_at + known_life if known_life else None
    else:
        record["refresh_token"] = previous.get("refresh_token")
        record["refresh_expires_at"] = previous.get("refresh_expires_at")
    # A refresh may leave it out (OpenID Connect Core 1.0, 12.2).
    id_token = _text(answer.get("id_token"))
    record["id_token"] = TokenSecret(id_token) if id_token else previous.get("id_token")
    return {name: value for name, value in record.items() if value is not None}


# ---- A login ----


class PendingLogin:
    """A login that waits for the person.

    Attributes:
        authorization_url: Where the person has to go. It belongs on their screen, not into a log.
    """

    def __init__(
        self,
        authorization_url: str,
        expected: _ExpectedCallback,
        listener: _LoopbackListener,
        redeem: Callable[[str], Token],
    ) -> None:
        """Made by `TokenClient.start_login`."""
        self.authorization_url = authorization_url
        self._expected = expected
        self._listener = listener
        self._redeem = redeem
        self._turn = threading.Lock()

    def __repr__(self) -> str:
        return f"PendingLogin({_bare(self.authorization_url)!r})"

    def finish(self, callback_url: str | None = None) -> Token:
        """Waits for the person, and gets the token (RFC 6749, 4.1.3). Possible once.

        Args:
            callback_url: The address that the browser ended at, where the person brings it. Without
                it, the browser's own call is waited for, until 300 seconds after the start.

        Raises:
            OAuthError: state_mismatch, issuer_mismatch, what the server said, invalid_id_token;
                timeout when nobody came back; login_required when the login has ended before.
        """
        # Never released: a code must not be redeemed twice (RFC 6749, 4.1.2).
        if not self._turn.acquire(blocking=False):
            raise OAuthError("login_required", "this login was finished before")
        try:
            if callback_url is None:
                code = self._listener.wait()
            else:
                code = _read_callback(callback_url.strip(), self._expected)
        finally:
            self._listener.close()
        return self._redeem(code)

    def cancel(self) -> None:
        """Gives the login up: whoever waits for it gets login_required."""
        self._turn.acquire(blocking=False)
        self._listener.close()


@dataclass(frozen=True)
class _ExpectedCallback:
    """What a callback is checked against."""

    state: str = field(repr=False)
    issuer: str
    names_issuer: bool


def _unguessable() -> str:
    """32 random bytes in base64url (RFC 6749, 10.10; RFC 7636, 4.1)."""
    return secrets.token_urlsafe(32)


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _with_query(endpoint: str, parameters: Mapping[str, str | None]) -> str:
    """An endpoint with its own query kept (RFC 6749, 3.1), and each of the parameters once."""
    given = {name: value for name, value in parameters.items() if value}
    parts = urlsplit(endpoint)
    kept = [
        piece
        for piece in parts.query.split("&")
        if piece and unquote_plus(piece.split("=", 1)[0]) not in given
    ]
    return parts._replace(query="&".join([*kept, urlencode(given)]), fragment="").geturl()


def _read_callback(url: str, expected: _ExpectedCallback) -> str:
    """The code of a callback (RFC 6749, 4.1.2).

    Nothing in it is believed before its state and issuer are right: any page can send a browser to
    the redirect URI.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if not parts.scheme or not parts.netloc:  # not quoted: a code may be in it
        raise OAuthError("invalid_response", "the callback is not a URL")
    found: dict[str, list[str]] = defaultdict(list)
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        found[name].append(value)
    if not _carries_state(found["state"], expected.state):
        what = "another state than the login" if any(found["state"]) else "no state"
        raise OAuthError("state_mismatch", f"callback: it carries {what}")
    known = ("state", "iss", "error", "error_description", "code")
    if repeated := [name for name in known if len(found[name]) > 1]:
        why = f"callback: {', '.join(repeated)} more than once"
        raise OAuthError("invalid_response", why)
    # An empty parameter counts as none (RFC 6749, 3.1).
    given = {name: found[name][0] for name in known if found[name] and found[name][0]}
    # RFC 9207, 2.4: the very same text, and of errors too.
    if expected.names_issuer and "iss" not in given:
        why = f"callback: it names no issuer, as {expected.issuer} promises to"
        raise OAuthError("issuer_mismatch", why)
    if expected.issuer and given.get("iss", expected.issuer) != expected.issuer:
        why = f"callback: it is of {_one_line(given['iss'])}, but {expected.issuer} was asked"
        raise OAuthError("issuer_mismatch", why)
    if error := given.get("error"):
        description = given.get("error_description")
        said = ": ".join(_one_line(text) for text in (error, description) if text)
        raise OAuthError(
            _CLASS_OF_CALLBACK_ERROR.get(error, "invalid_response"),
            f"login at {expected.issuer or 'the server'}: {said}",
            oauth_error=_one_line(error),
            oauth_description=_one_line(description) if description else None,
        )
    if "code" not in given:
        raise OAuthError("invalid_response", "callback: neither a code nor an error")
    return given["code"]


def _carries_state(states: list[str], expected: str) -> bool:
    """Whether the right one is among them, in constant time (RFC 6749, 10.12)."""
    found = (state.encode("utf-8", "surrogatepass") for state in states)
    return any(hmac.compare_digest(state, expected.encode()) for state in found)


class _LoopbackListener:
    """Waits on 127.0.0.1 for the browser to come back from one login (RFC 8252, 7.3)."""

    def __init__(self, port: int, expected: _ExpectedCallback) -> None:
        self._expected = expected
        self._code: Future[str] = Future()
        self._lock = threading.Lock()
        self._is_spent = False
        listener = self

        class Handler(_CallbackHandler):
            def judge(self) -> None:
                listener._judge(self)

        try:
            # The address, not the name localhost, which may be another one (RFC 8252, 8.3).
            self._server = _LoopbackServer(("127.0.0.1", port), Handler)
        except OSError as error:
            why = f"port {port} on 127.0.0.1: {error.strerror}; set another redirect_port, or none"
            raise OAuthError("config_error", why) from None
        self._host = f"127.0.0.1:{self._server.server_address[1]}"
        self.redirect_uri = f"http://{self._host}/callback"
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def wait(self) -> str:
        """The code of the callback."""
        return self._code.result()

    def close(self) -> None:
        """Closes the port. Whoever waits gets login_required."""
        self._end(OAuthError("login_required", "the login was cancelled"))
        self._thread.join()

    def _listen(self) -> None:
        deadline = time.monotonic() + LOGIN_LIMIT
        with self._server:
            while not self._code.done() and time.monotonic() < deadline:
                self._server.handle_request()  # waits for 0.1 s at most
        self._end(OAuthError("timeout", f"login: nobody came back within {LOGIN_LIMIT:g} s"))

    def _end(self, end: str | OAuthError) -> None:
        """Ends the login, unless it has ended."""
        with self._lock:
            if self._code.done():
                return
            if isinstance(end, str):
                self._code.set_result(end)
            else:
                self._code.set_exception(end)

    def _judge(self, request: _CallbackHandler) -> None:
        """Answers one request: the login's callback, or one that is none of its business."""
        # As it was sent: http.server has taken doubled slashes out of `path`.
        target = request.requestline.split()[1]
        path, _, query = target.partition("?")
        # A page whose name was pointed at 127.0.0.1 (DNS rebinding) says so in Host.
        if request.headers.get_all("Host") != [self._host]:
            return request.answer(400, "This address belongs to a login.")
        if path != "/callback":
            return request.answer(404, "Nothing is here.")
        if request.command != "GET":
            return request.answer(405, "Only GET is answered here.")
        states = [value for name, value in parse_qsl(query) if name == "state"]
        if not _carries_state(states, self._expected.state):
            return request.answer(400, "This does not belong to the login that is under way.")
        with self._lock:
            was_spent, self._is_spent = self._is_spent, True
        if was_spent:
            return request.answer(410, "This login was answered before.")
        end: str | OAuthError
        try:
            end = _read_callback(f"http://{self._host}{target}", self._expected)
            request.answer(200, "You have logged in. Close this window; the program goes on.")
        except OAuthError as error:
            end = error
            request.answer(400, f"The login failed: {error}")
        # Only when the page is out: then the listener closes, and the program may end.
        return self._end(end)


class _LoopbackServer(ThreadingTCPServer):
    """Threads, because a browser also opens connections that it sends nothing on."""

    daemon_threads = True
    allow_reuse_address = True  # a port of before that is only waiting for its last packets
    timeout = 0.1

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that hangs up is no failure of the login."""


class _CallbackHandler(BaseHTTPRequestHandler):
    timeout = 10  # seconds for a pause in a request

    def judge(self) -> None:
        raise NotImplementedError

    def __getattr__(self, name: str) -> Any:
        # http.server looks for a do_<method>: whatever the method, it is judged.
        if name.startswith("do_"):
            return self.judge
        raise AttributeError(name)

    def log_message(self, *_: object) -> None:
        """Says nothing: the request holds the code."""

    def send_error(self, code: int, *_: object) -> None:
        """Instead of http.server's own page, which quotes the request."""
        self.answer(int(code), "This is no request for a login.")

    def answer(self, status: int, text: str) -> None:
        page = f"<!doctype html><meta charset=utf-8><title>Login</title><p>{html.escape(text)}</p>"
        body = page.encode("utf-8", "replace")
        self.send_response_only(status)
        # The page's address holds the code: nothing may load, keep or pass it on (RFC 9700, 4.2.4).
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", "default-src 'none'")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        if status == 405:
            self.send_header("Allow", "GET")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


# ---- The ID token: OpenID Connect Core 1.0, 3.1.3.7 and 12.2 ----

# With none there is no signature, and with HMAC whoever knows the public key could sign (RFC 8725,
# 2.1): no metadata and no header may choose them.
_ASYMMETRIC = re.compile("[RP]S(256|384|512)|ES(256|384|512)|EdDSA")

OLDEST_ID_TOKEN = 3600
"""Seconds since an ID token was issued: it comes with a fresh answer."""

CLOCK_TOLERANCE = 30
"""Seconds that the server's clock may differ."""


@dataclass(frozen=True)
class _Keys:
    """An issuer's public keys, and when they were fetched, in seconds of the monotonic clock."""

    keys: list[dict[str, Any]] = field(repr=False)
    fetched_at: float

    def have(self, kid: object) -> bool:
        return kid is None or any(key.get("kid") == kid for key in self.keys)


def _import_jwt() -> Any:
    """PyJWT, which only logins with openid need."""
    try:
        import jwt
    except ImportError:
        why = "an ID token is verified with PyJWT: pip install 'PyJWT[crypto]'"
        raise OAuthError("config_error", why) from None
    return jwt


def _verified(
    id_token: str, algorithms: list[Any], signing_keys: Callable[[object], _Keys]
) -> tuple[dict[str, Any], str]:
    """The claims and the algorithm of a JWT whose signature is right (RFC 7515, 5.2)."""

    def refused(why: str) -> OAuthError:
        return OAuthError("invalid_id_token", f"ID token refused: {why}")

    jwt = _import_jwt()
    try:
        header = jwt.get_unverified_header(id_token)
    except jwt.PyJWTError:
        raise refused("it is not a signed JWT") from None
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or not _ASYMMETRIC.fullmatch(algorithm):
        raise refused("its alg is no asymmetric one")
    if algorithm not in algorithms:
        raise refused(f"its alg {algorithm} is none that the issuer lists")
    if "crit" in header:
        raise refused("its header has critical extensions")
    for key in signing_keys(kid).keys:
        if kid is not None and key.get("kid") != kid:
            continue
        if key.get("use", "sig") != "sig" or key.get("alg", algorithm) != algorithm:
            continue
        # Whatever is wrong with a key, it is no key for this token. Nothing in the token's header
        # names another one: jwk, jku and x5c are not looked at.
        with contextlib.suppress(Exception):
            public_key = jwt.PyJWK(key, algorithm)
            payload = jwt.PyJWS().decode(id_token, public_key, algorithms=[algorithm])
            if claims := _json_object(payload):
                return claims, algorithm
    raise refused("its signature is by none of the issuer's keys")


def _claims_of(id_token: TokenSecret) -> dict[str, Any]:
    """The claims of an ID token that was verified when it came."""
    payload = id_token.reveal().split(".")[1:2]
    try:
        return _json_object(base64.urlsafe_b64decode(f"{payload[0]}===")) or {}
    except (ValueError, IndexError):
        return {}


def _problem_of_claims(
    claims: Mapping[str, Any], issuer: str, client_id: str, now: float
) -> str | None:
    """What keeps claims from being this issuer's for this client, now."""
    # Rule 2: the very same text.
    if claims.get("iss") != issuer:
        return f"its iss is not {issuer}"
    if not _text(claims.get("sub")):
        return "it has no sub"
    # Rules 3 to 5: for this client, and for nobody who is not trusted.
    audiences = _list(claims.get("aud"))
    if any(one != client_id for one in audiences) or not audiences:
        return f"its aud is not {client_id} alone"
    if ("azp" in claims or len(audiences) > 1) and claims.get("azp") != client_id:
        return f"its azp is not {client_id}"
    # Rules 9 and 10; RFC 7519, 4.1.5.
    times = {name: _time(claims.get(name)) for name in ("exp", "iat", "nbf")}
    expires, issued, begins = times["exp"], times["iat"], times["nbf"]
    if expires is None or issued is None or ("nbf" in claims and begins is None):
        return "its exp, iat or nbf is no time"
    if expires + CLOCK_TOLERANCE <= now:
        return f"it expired {now - expires:.0f} s ago"
    if issued - CLOCK_TOLERANCE > now:
        return f"it was issued {issued - now:.0f} s from now"
    if issued + OLDEST_ID_TOKEN + CLOCK_TOLERANCE < now:
        return f"it was issued {now - issued:.0f} s ago"
    if begins is not None and begins - CLOCK_TOLERANCE > now:
        return f"it is valid {begins - now:.0f} s from now"
    return None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _problem_of_at_hash(claims: Mapping[str, Any], access_token: str, algorithm: str) -> str | None:
    """Whether the access token beside it is another than the issuer's (section 3.1.3.8)."""
    if "at_hash" not in claims:
        return None
    # Ed25519 names no hash; it uses SHA-512 inside (RFC 8032, 5.1).
    bits = algorithm[-3:] if algorithm[-3:] in ("256", "384") else "512"
    digest = hashlib.new(f"sha{bits}", access_token.encode()).digest()
    half = _base64url(digest[: len(digest) // 2])
    return None if claims["at_hash"] == half else "its at_hash is of another access token"


def _problem_of_continuity(claims: Mapping[str, Any], before: Mapping[str, Any]) -> str | None:
    """A refresh goes on with the same login (section 12.2)."""
    for name in ("iss", "sub"):
        if claims.get(name) != before.get(name):
            return f"its {name} is another than at the login"
    # One audience may be a text or an array of one (RFC 7519, 4.1.3).
    now, then = (_list(each.get("aud")) for each in (claims, before))
    if sorted(map(str, now)) != sorted(map(str, then)):
        return "its aud is another than at the login"
    # It needs none. One where the login had none cannot be the login's.
    if "nonce" in claims and claims["nonce"] != before.get("nonce"):
        return "its nonce is another than at the login"
    return None


# ---- The token file: docs/token-file.md ----


class _Held(NamedTuple):
    """What a store holds for a key, and a text that differs whenever something else is stored."""

    record: _Record | None
    version: str


class _MemoryStore:
    """Keeps one client's record as long as the client lives."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._held = _Held(None, "0")

    @contextlib.contextmanager
    def lease(self) -> Iterator[None]:
        with self._turn:
            yield

    def load(self, _key: str) -> _Held:
        return self._held

    def save(self, _key: str, record: _Record | None, version: str) -> _Held | None:
        if version != self._held.version:
            return None
        self._held = _Held(record, str(int(version) + 1))
        return self._held


# Threads queue here: one of each process at a time looks at the lock of a file.
_TURNS: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

_OTHERS = 0o077


class _FileStore:
    """Keeps the records of many keys in a file that other processes may share."""

    def __init__(self, path: str) -> None:
        # One file has one lock, by whatever path its folder is reached.
        self._path = Path(path).parent.resolve() / Path(path).name
        self._lock = _FileLock(self._path)
        self._warned: set[str] = set()
        self._is_tidy = False

    @contextlib.contextmanager
    def lease(self) -> Iterator[None]:
        """Nobody else who shares the file has one at the same time."""
        deadline = time.monotonic() + LOCK_LIMIT
        turn = _TURNS[str(self._path)]
        if not turn.acquire(timeout=LOCK_LIMIT):
            raise self._lock.timeout()
        try:
            self._look_at_folder()
            self._lock.take(deadline)
            try:
                if not self._is_tidy:
                    self._lock.tidy()
                self._is_tidy = True
                yield
            finally:
                self._lock.release()
        finally:
            turn.release()

    def load(self, key: str) -> _Held:
        file, _ = self._read()
        entry = file["tokens"].get(key)
        record = _read_entry(entry)
        if entry is not None and record is None:
            self._warn_of_damage("has a damaged entry")
        return _Held(record, _version_of(entry))

    def save(self, key: str, record: _Record | None, version: str) -> _Held | None:
        """Replaces an entry, or removes it. Within a lease only.

        Returns:
            What is stored then; None, and nothing is stored, if it is not the version that was
            held, or if the lock is gone.
        """
        file, is_damaged = self._read()
        entry = file["tokens"].get(key)
        if _version_of(entry) != version:
            return None
        if record is None and entry is None:
            return _Held(None, version)
        text = json.dumps(_with_entry(file, key, record), indent=2) + "\n"
        if len(text) > SIZE_LIMIT:  # ASCII: as many bytes as characters
            why = f"the token file {self._path} would become larger than 1 MiB"
            raise OAuthError("config_error", why)
        if not self._lock.is_held():
            return None
        is_damaged = is_damaged or (entry is not None and _read_entry(entry) is None)
        with _file_errors(f"write {self._path}"):
            self._replace(text, keep_old=is_damaged)
        self._warned.clear()
        # Of what a reader will see: JSON knows no difference between 1 and 1.0.
        return _Held(record, _version_of(_parse_token_file(text.encode())["tokens"].get(key)))

    def _read(self) -> tuple[dict[str, Any], bool]:
        """The file, and whether there was a damaged one in its place."""
        try:
            with _file_errors(f"read {self._path}"):
                return _parse_token_file(_read_regular(self._path, self._tighten)), False
        except _DamagedFileError as error:
            self._warn_of_damage(f"is damaged ({error})")
            return _parse_token_file(b""), True
        except _ForeignFileError as error:
            why = f"{self._path} is a file of {error}, and stays as it is"
            raise OAuthError("config_error", why) from None

    def _replace(self, text: str, *, keep_old: bool) -> None:
        """Whoever reads sees the old file or the new one, whole, after a power failure too."""
        temporary = Path(f"{self._path}.tmp.{os.getpid()}-{secrets.token_hex(8)}")
        try:
            _write_new(temporary, text, durably=True)
            if keep_old:
                damaged = Path(f"{self._path}.damaged")
                damaged.unlink(missing_ok=True)
                os.link(self._path, damaged)
            temporary.replace(self._path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        except OSError as error:
            # Some file systems cannot do this for a folder; the file is in its place in any case.
            if error.errno not in (errno.EINVAL, errno.ENOTSUP):
                raise
        finally:
            os.close(folder)

    def _tighten(self, descriptor: int, mode: int) -> None:
        if mode & _OTHERS:
            os.fchmod(descriptor, 0o600)
            was = f"was open to others (mode {stat.S_IMODE(mode):04o})"
            self._warn(f"the token file {self._path} {was}; its mode is 0600 now")

    def _look_at_folder(self) -> None:
        """Makes the folder, and shuts it if it evidently is one for tokens."""
        folder = self._path.parent
        with _file_errors(f"use the folder {folder}"):
            _make_private_folder(folder)
            info = folder.stat()
            if not info.st_mode & _OTHERS:
                return
            was = f"the folder {folder} is open to others (mode {stat.S_IMODE(info.st_mode):04o})"
            # No set-id or sticky bit: such a folder, as /tmp, is open on purpose.
            is_plain = info.st_uid == os.getuid() and not info.st_mode & 0o7000
            if is_plain and _holds_tokens_alone(folder):
                folder.chmod(0o700)
                self._warn(f"{was}; its mode is 0700 now")
            else:
                self._warn(f"{was}: keep the token file in a folder of its own, with mode 0700")

    def _warn_of_damage(self, what: str) -> None:
        then = f"it is kept as {self._path}.damaged when it is replaced"
        self._warn(f"the token file {self._path} {what}, which counts as empty; {then}")

    def _warn(self, line: str) -> None:
        if line not in self._warned:
            self._warned.add(line)
            sys.stderr.write(f"{line}\n")


def _store_key(server: str, client_id: str, grant: str, user: str, scope: str) -> str:
    """Five parts, encoded as in RFC 3986, 2.3, and separated by spaces."""
    scopes = sorted(set(scope.split(" ")) - {""})
    parts = [quote(part, safe="") for part in (server, client_id, grant, user)]
    return " ".join([*parts, "+".join(quote(scope, safe="") for scope in scopes)])


class _DamagedFileError(Exception):
    """A token file that counts as empty. The text shows nothing of its content."""


class _ForeignFileError(Exception):
    """A file that is not ours, or a later version's: nothing in it must be lost."""


def _parse_token_file(data: bytes) -> dict[str, Any]:
    if len(data) > SIZE_LIMIT:
        raise _DamagedFileError("larger than 1 MiB")
    try:
        text = data.decode("utf-8-sig")
        if not text.strip():  # what touch and mktemp leave
            return {"format": "polyglot-tokens", "version": 1, "tokens": {}}
        file = json.loads(text, parse_int=_number, parse_float=_number, parse_constant=_number)
    except (ValueError, RecursionError):  # the parser's own text would quote the file
        raise _DamagedFileError("not JSON in UTF-8") from None
    if not isinstance(file, dict):
        raise _DamagedFileError("not a JSON object")
    kind, version = file.get("format"), file.get("version")
    if not isinstance(kind, str):
        raise _DamagedFileError("without a format")
    if kind != "polyglot-tokens":
        raise _ForeignFileError(f"format {_one_line(json.dumps(kind))}")
    if isinstance(version, bool) or not isinstance(version, (int, float, str)):
        raise _DamagedFileError("without a version")
    if version != 1:
        raise _ForeignFileError(f"version {_one_line(json.dumps(version))}")
    if not isinstance(file.get("tokens"), dict):
        raise _DamagedFileError("without tokens")
    if _is_deeper(file, 32):
        raise _DamagedFileError("nested too deeply")
    return file


def _number(text: str) -> float:
    """A number of JSON, which other languages read as a double; NaN and Infinity are none."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _is_deeper(value: object, levels: int) -> bool:
    if not isinstance(value, (dict, list)):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(each, levels - 1) for each in inner)


_SECRET_MEMBERS = ("access_token", "refresh_token", "id_token")
_TIME_MEMBERS = ("issued_at", "expires_at", "refresh_expires_at", "refresh_sent_at")
_MEMBERS = (*_SECRET_MEMBERS, *_TIME_MEMBERS, "token_type", "scope")
_REQUIRED_MEMBERS = ("access_token", "token_type", "issued_at")


def _read_entry(entry: object) -> _Record | None:
    """The known members of an entry; None if it is damaged, or none."""
    if not isinstance(entry, dict):
        return None
    known = {name: entry[name] for name in _MEMBERS if entry.get(name) is not None}
    fits = (
        all(name in known for name in _REQUIRED_MEMBERS)
        and all(_text(known[name]) for name in _SECRET_MEMBERS if name in known)
        and all(_time(known[name]) is not None for name in _TIME_MEMBERS if name in known)
        and isinstance(known.get("scope", ""), str)
        and (_text(known["token_type"]) or "").lower() == "bearer"
    )
    if not fits:
        return None
    tokens = {name: TokenSecret(known[name]) for name in _SECRET_MEMBERS if name in known}
    return {**known, **tokens, "token_type": "Bearer"}


def _with_entry(file: dict[str, Any], key: str, record: _Record | None) -> dict[str, Any]:
    """The file with another entry, or without one; whatever else is in it stays."""
    tokens = {name: entry for name, entry in file["tokens"].items() if name != key}
    if record is not None:
        before = file["tokens"].get(key)
        unknown = before if isinstance(before, dict) else {}
        unknown = {name: value for name, value in unknown.items() if name not in _MEMBERS}
        plain = {k: v.reveal() if isinstance(v, Secret) else v for k, v in record.items()}
        tokens[key] = {**plain, **unknown}
    return {**file, "tokens": tokens}


def _version_of(entry: object) -> str:
    if entry is None:
        return ""
    return hashlib.sha256(json.dumps(entry, sort_keys=True).encode()).hexdigest()


def _read_regular(path: Path, look: Callable[[int, int], None]) -> bytes:
    """At most 1 MiB and a byte of a file; nothing if there is none.

    A symbolic link is not followed: that would put tokens, and a lock that nobody else sees, into
    a folder that nobody named. A pipe must not block.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return b""
    except OSError as error:
        if error.errno == errno.ELOOP:
            why = f"{path} is a symbolic link: name the token file itself"
            raise OAuthError("config_error", why) from None
        raise
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise OAuthError("config_error", f"{path} is not a file")
        look(descriptor, mode)
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(SIZE_LIMIT + 1)
    finally:
        os.close(descriptor)


def _write_new(path: Path, text: str, *, durably: bool = False) -> None:
    """A new file, private from its creation on."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, 0o600)  # the umask may have taken the owner's rights
        file.write(text.encode("ascii"))
        file.flush()
        if durably:
            os.fsync(descriptor)


def _make_private_folder(folder: Path) -> None:
    """Makes a folder for its owner alone, and those above it, unless it is there."""
    if folder.is_dir():
        return
    _make_private_folder(folder.parent)
    with contextlib.suppress(FileExistsError):
        folder.mkdir(0o700)
        folder.chmod(0o700)  # the umask may have taken the owner's rights


def _holds_tokens_alone(folder: Path) -> bool:
    """Whether a folder is evidently one for tokens, and nobody needs to look into it."""
    with contextlib.suppress(RuntimeError):  # a user without a home
        if folder in (Path.home().resolve(), Path(folder.anchor)):
            return False
    suffix = re.compile(r"\.(damaged|lock(\..*)?|tmp\..*)$", re.DOTALL)
    files = {suffix.sub("", path.name) for path in folder.iterdir()}
    for name in files:
        try:
            _parse_token_file(_read_regular(folder / name, lambda *_: None))
        except (OSError, OAuthError, _DamagedFileError, _ForeignFileError):
            return False
    return True


@contextlib.contextmanager
def _file_errors(doing: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OAuthError("config_error", f"cannot {doing}: {error.strerror}") from None


# ---- The lock of a token file ----


class _Holder(NamedTuple):
    """Who wrote the text of a lock."""

    pid: int
    start: str
    random: str


# What the system says of a process: "gone", "unknown" (it lives), or its state and start time.
_Sighting = str | tuple[str, str]


class _FileLock:
    """A lock that processes of all languages share. A text in it says who has it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._path = Path(f"{file}.lock")
        self._text = ""

    def take(self, deadline: float) -> None:
        """Waits for the lock until `deadline`, in seconds of the monotonic clock."""
        pid, random = os.getpid(), secrets.token_hex(8)
        own = _sight(pid)
        start = own[1] if isinstance(own, tuple) else "0"
        self._text = f"{pid} {start} {random}"
        mine = Path(f"{self._path}.{pid}-{random}")
        with _file_errors(f"lock {self._file}"):
            try:
                # It appears under the lock's name only when it is complete.
                _write_new(mine, self._text)
                while not _linked(mine, self._path):
                    if _remove_if_dead(self._path, mine):
                        continue
                    if time.monotonic() >= deadline:
                        raise self.timeout()
                    # At random, not in step with the others who wait.
                    threading.Event().wait(0.005 + secrets.randbelow(15_000) / 1e6)
            finally:
                mine.unlink(missing_ok=True)

    def timeout(self) -> OAuthError:
        holder = _parse_holder(_read_lock(self._path) or "")
        pid = holder.pid if holder else os.getpid()
        why = f"the lock of {self._file} is held by process {pid} (for more than {LOCK_LIMIT:g} s)"
        return OAuthError("timeout", why)

    def is_held(self) -> bool:
        """Whether it is still one's own: somebody may have removed it by hand."""
        with _file_errors(f"read {self._path}"):
            return _read_lock(self._path) == self._text

    def release(self) -> None:
        if self.is_held():
            with _file_errors(f"unlock {self._file}"):
                self._path.unlink(missing_ok=True)

    def tidy(self) -> None:
        """Removes what killed processes left. Only by who has the lock."""
        name = self._file.name
        with _file_errors(f"tidy {self._file.parent}"):
            for path in list(self._file.parent.iterdir()):
                if path.name.startswith(f"{name}.tmp."):
                    path.unlink(missing_ok=True)
                elif path.name.startswith(f"{name}.lock.break-"):
                    _remove_if_dead(path, self._path)
                elif path.name.startswith(f"{name}.lock."):
                    self._tidy_waiter(path)

    def _tidy_waiter(self, path: Path) -> None:
        text = _read_lock(path)
        if text is None:
            return
        holder = _parse_holder(text)
        if holder is None:
            # It may be being written: then its name has to do.
            pid = re.search(r"\.([1-9][0-9]{0,9})-[^.]*$", path.name)
            is_dead = pid is not None and _sight(int(pid[1])) == "gone"
        else:
            is_dead = _is_dead(holder, _sight(holder.pid))
        if is_dead:
            path.unlink(missing_ok=True)


def _parse_holder(text: str) -> _Holder | None:
    """None for a text that nobody writes; more words are for later versions."""
    pattern = r"([1-9][0-9]{0,9}) ([0-9]{1,20}) ([0-9A-Za-z]{8,32})(?: [^\n]*)?\n?"
    match = re.fullmatch(pattern, text)
    if match is None or int(match[1]) > 2**31 - 1:
        return None
    return _Holder(int(match[1]), match[2], match[3])


def _sight(pid: int) -> _Sighting:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return "gone"
    except PermissionError:
        pass  # somebody else's: it lives
    try:
        status = Path(f"/proc/{pid}/stat").read_text("latin-1")
    except OSError:
        return "unknown"
    # Field 2 is the program's name in parentheses, and may hold spaces and parentheses.
    fields = status.rpartition(")")[2].split()
    return (fields[0], fields[19]) if len(fields) > 19 else "unknown"


def _is_dead(holder: _Holder | None, seen: _Sighting) -> bool:
    """Whether a lock is nobody's any more. Its age does not matter."""
    if holder is None or seen == "gone":
        return True
    if isinstance(seen, str):
        return False
    state, start = seen
    # Z and X: killed, but nobody has waited for it. Another start: the pid was used again.
    return state in "ZX" or holder.start not in ("0", start)


def _remove_if_dead(path: Path, mine: Path) -> bool:
    """Removes a lock, or a claim on one, whose process is dead.

    Looking and removing are two steps, and between them the file may have become somebody's new
    lock. So only who has the claim on exactly this dead text may remove it.

    Args:
        path: The lock or the claim.
        mine: A file with the text of this process.

    Returns:
        Whether it is worth while to try again at once.
    """
    text = _read_lock(path)
    if text is None:
        return True
    holder = _parse_holder(text)
    if not _is_dead(holder, _sight(holder.pid) if holder else "gone"):
        return False
    claim = Path(f"{path}.break-{holder.random if holder else 'damaged'}")
    if not _linked(mine, claim):
        return _remove_if_dead(claim, mine)
    try:
        if _read_lock(path) == text:
            path.unlink(missing_ok=True)
    finally:
        claim.unlink(missing_ok=True)
    return True


def _linked(file: Path, name: Path) -> bool:
    try:
        os.link(file, name)
    except FileExistsError:
        return False
    return True


def _read_lock(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("latin-1")  # whatever the bytes are, they can be compared
    except FileNotFoundError:
        return None


# ---- One HTTP exchange ----


class _Deadline(HTTPAdapter):
    """Sends one request and ends the exchange when its time is up.

    The timeout of requests is for each read, so a server that trickles never meets it. Here a timer
    shuts the sockets down, which ends whatever reads them. It does so through duplicates, because
    TLS takes the originals away.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.is_over = False
        self.is_connected = False
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
            def connect(self) -> None:
                super().connect()
                deadline.is_connected = True  # TLS included: from now on, something may be sent

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
                        raise OAuthError(
                            "invalid_response",
                            f"{what}: HTTP {response.status_code}, more than {SIZE_LIMIT} bytes",
                            http_status=response.status_code,
                            answer_lost=True,
                        )
            if deadline.is_over:  # a shut socket may look like the end of the body
                raise TimeoutError
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise _broken_exchange(what, error, deadline) from None
        except ValueError:
            why = f"{what}: a method or header that cannot be sent"
            raise OAuthError("config_error", why) from None
    return Response(response.status_code, response.headers, bytes(content))


def _broken_exchange(what: str, error: BaseException, deadline: _Deadline) -> OAuthError:
    lost = deadline.is_connected
    timeouts = (requests.Timeout, urllib3.exceptions.TimeoutError)
    if deadline.is_over or isinstance(error, timeouts):
        why = f"{what}: no whole answer within {TIME_LIMIT:g} s"
        return OAuthError("timeout", why, answer_lost=lost)
    is_tls = isinstance(error, (requests.exceptions.SSLError, urllib3.exceptions.SSLError))
    # The operating system's words, if it was that: other texts may quote what the server sent.
    cause: BaseException | None = error
    while cause and not getattr(cause, "strerror", None):
        cause = cause.__cause__ or cause.__context__
    why = getattr(cause, "strerror", None) or type(error).__name__
    return OAuthError("tls" if is_tls else "network", f"{what}: {why}", answer_lost=lost)


_QUOTED = r'"(?:[^"\\]|\\.)*'

# A comma, a word with its value if it has one, or a quotation that belongs to no word.
_PIECE_OF_CHALLENGE = re.compile(
    rf"""(,)|([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:[ \t]*=[ \t]*({_QUOTED}"|[^\s,"]*))?|{_QUOTED}"?"""
)


def _bearer_challenge(header: str) -> dict[str, str]:
    """The parameters of the Bearer challenge in WWW-Authenticate (RFC 9110, 11.6.1; RFC 6750, 3).

    Of several, those of the first with an error; empty without one. Reads 8 KiB at most.
    """
    challenges: list[tuple[str, dict[str, str]]] = []
    starts_element = True
    for piece in _PIECE_OF_CHALLENGE.finditer(header[:8192]):
        comma, word, value = piece.groups()
        if word is None:
            starts_element = starts_element or comma is not None
            continue
        if value is not None:
            if not challenges:
                challenges.append(("", {}))
            text = re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
            challenges[-1][1].setdefault(word.lower(), text)
        elif starts_element:
            # Elsewhere a word is no scheme but a token68, or what should have been quoted.
            challenges.append((word.lower(), {}))
        starts_element = False
    bearers = [found for scheme, found in challenges if scheme == "bearer"]
    # django-oidc-provider leaves the scheme out; it knows no other.
    bare = [found for scheme, found in challenges if not scheme and found.get("error")]
    bearers.sort(key=lambda found: not found.get("error"))
    return next(iter([*bearers, *bare]), {})


def _json_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object of a body. The parser's error would quote the body, so it stays here."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


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


def _time(value: object) -> float | None:
    """A number that may be a time; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return value if math.isfinite(value) else None


def _one_line(text: str) -> str:
    """Somebody else's words, for a message: without control characters, and cut."""
    return "".join(c if c.isprintable() else " " for c in text)[:200]


def _split_credentials(url: str) -> tuple[str, str, str]:
    """A URL without the user name and password in it, and these (RFC 9110, 4.2.4)."""
    try:
        userinfo, at, _ = urlsplit(url).netloc.rpartition("@")
    except ValueError:
        at = ""
    if not at:
        return url, "", ""
    name, _, password = userinfo.partition(":")
    return url.replace(f"//{userinfo}@", "//", 1), unquote(name), unquote(password)


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
