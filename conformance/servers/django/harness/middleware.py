"""Sees every token request."""

import base64
import binascii
import time
from collections.abc import Callable
from urllib.parse import unquote_plus

from django.http import HttpRequest, HttpResponse

from harness.memory import TokenRequest, remember

_SERVERS = {
    "oauth2_provider:token": "django-oauth-toolkit",
    "oidc_provider:token": "django-oidc-provider",
}
_TOOLKIT = "django-oauth-toolkit"

_View = Callable[[HttpRequest], HttpResponse]


def remember_token_requests(get_response: _View) -> _View:
    """Remembers each token request with its answer."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        server = _SERVERS.get(request.resolver_match.view_name if request.resolver_match else "")
        if server is not None:
            seen = TokenRequest(
                server=server,
                time=time.time_ns() // 1_000_000,
                grant_type=request.POST.get("grant_type"),
                client_id=_client_id(request, server),
                status=response.status_code,
            )
            remember(request.META.get("HTTP_HOST", ""), seen)
        return response

    return middleware


def _client_id(request: HttpRequest, server: str) -> str | None:
    scheme, _, credentials = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "basic":
        return request.POST.get("client_id")
    try:
        name, _, _ = base64.b64decode(credentials).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    # Only one of the two knows RFC 6749, section 2.3.1.
    return unquote_plus(name) if server == _TOOLKIT else name
