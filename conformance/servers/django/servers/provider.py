"""What django-oidc-provider does here beyond its settings."""

from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from django.contrib.auth.models import User
from django.utils import timezone
from oidc_provider.lib.endpoints import token
from oidc_provider.models import Client, Token

from accounts.clients import announced, lives
from accounts.people import claims_of


class TokenEndpoint(token.TokenEndpoint):
    """Knows a lifetime for each client, where the base class has one for all."""

    def create_token(self, user: User | None, client: Client, scope: list[str]) -> Token:
        """Makes a token that expires when its client's tokens do."""
        token = super().create_token(user, client, scope)
        seconds = lives(client.client_id) or announced(client.client_id)
        token.expires_at = timezone.now() + timedelta(seconds=seconds)
        return token

    def create_response_dic(self) -> dict[str, Any]:
        """Announces the lifetime."""
        answer = super().create_response_dic()
        return {**answer, "expires_in": announced(self.client.client_id)}


def userinfo(claims: dict[str, Any], user: User) -> dict[str, Any]:
    """Fills in the claims about a person; scopes decide which of them are given."""
    return {**claims, **claims_of(user)}


class RedirectURIs(list[str]):
    """Redirect URIs, of which a loopback one stands for any port (RFC 8252, section 7.3)."""

    def __contains__(self, uri: object) -> bool:
        """Tells whether a redirect URI is registered."""
        if super().__contains__(uri):
            return True
        parts = urlsplit(str(uri))
        if parts.hostname not in ("127.0.0.1", "::1"):
            return False
        host = parts.netloc.removesuffix(f":{parts.port}")
        return super().__contains__(parts._replace(netloc=host).geturl())


def allow_any_loopback_port() -> None:
    """Gives clients the redirect URIs above: the server asks them in two places."""
    registered = Client.redirect_uris.fget
    Client.redirect_uris = property(
        lambda client: RedirectURIs(registered(client)), Client.redirect_uris.fset
    )


def load_keys_once() -> None:
    """Spares the endpoint of the keys 55 ms for checking the private one each time."""
    serialization.load_pem_private_key = cache(serialization.load_pem_private_key)
