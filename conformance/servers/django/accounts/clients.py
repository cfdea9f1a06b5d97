"""The clients as both servers need them."""

from dataclasses import dataclass
from typing import Any, Literal

from accounts.realm import CLIENTS as _IN_REALM
from accounts.realm import REALM

LIFETIME: int = REALM["accessTokenLifespan"]
"""Seconds that an access token lives if its client says nothing else."""

SCOPES = {
    "read": "Reading",
    "write": "Writing",
    "tickets.read": "Read tickets",
    "tickets.write": "Change tickets",
    "Catalog.Read": "Read the catalogs",
    "openid": "Log in",
    "profile": "Your name",
    "email": "Your e-mail address",
}

Grant = Literal["authorization-code", "password", "client-credentials"]


@dataclass(frozen=True)
class Client:
    """A client of both servers.

    Attributes:
        client_id: The same on all servers.
        secret: Empty if the client is public.
        redirect_uris: A loopback one stands for any port.
        grant: Django OAuth Toolkit allows each client one, and refresh tokens with it.
        consent: Whether the person is asked.
        announced: Seconds that `expires_in` says of its access tokens.
        lives: Seconds after which they die nevertheless, if that is sooner.
    """

    client_id: str
    secret: str
    redirect_uris: list[str]
    grant: Grant
    consent: bool
    announced: int
    lives: int | None


def _client(entry: dict[str, Any]) -> Client:
    attributes: dict[str, str] = entry.get("attributes", {})
    lives = attributes.get("access.token.dies.after")
    return Client(
        client_id=entry["clientId"],
        secret=entry.get("secret", ""),
        redirect_uris=entry.get("redirectUris", []),
        grant=_grant(entry, attributes),
        consent=entry.get("consentRequired", False),
        announced=int(attributes.get("access.token.lifespan", LIFETIME)),
        lives=None if lives is None else int(lives),
    )


def _grant(entry: dict[str, Any], attributes: dict[str, str]) -> Grant:
    if "redirectUris" in entry:
        return "authorization-code"
    # Neither server gives refresh tokens for client credentials, as Keycloak does for these.
    if attributes.get("client_credentials.use_refresh_token") == "true":
        return "password"
    return "password" if entry.get("directAccessGrantsEnabled") else "client-credentials"


CLIENTS = [_client(entry) for entry in _IN_REALM]
_BY_ID = {client.client_id: client for client in CLIENTS}


def announced(client_id: str) -> int:
    """Gives the seconds that a client is told its access tokens live."""
    client = _BY_ID.get(client_id)
    return LIFETIME if client is None else client.announced


def lives(client_id: str) -> int | None:
    """Gives the seconds after which a client's access tokens die before their time."""
    client = _BY_ID.get(client_id)
    return None if client is None else client.lives
