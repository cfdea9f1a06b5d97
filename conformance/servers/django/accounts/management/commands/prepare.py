"""python manage.py prepare: tables, key, people and clients of a new database."""

from typing import Any

from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction
from oauth2_provider.models import Application
from oidc_provider.lib.utils.sanitization import sanitize_client_id
from oidc_provider.models import Client as ProviderClient
from oidc_provider.models import ResponseType

from accounts.clients import CLIENTS, SCOPES, Client
from accounts.realm import USERS


class Command(BaseCommand):
    """The command."""

    help = "Fills a new database with tables, a key, and the realm's people and clients."

    def handle(self, *_: Any, **__: Any) -> None:
        """Runs the command."""
        call_command("migrate", verbosity=0, interactive=False)
        with transaction.atomic():
            call_command("creatersakey", stdout=self.stderr)
            for entry in USERS:
                register_person(entry)
            for client in CLIENTS:
                register_with_toolkit(client)
                register_with_provider(client)


def register_person(entry: dict[str, Any]) -> None:
    """Registers who can log in at both servers."""
    User.objects.create_user(
        entry["username"],
        entry["email"],
        entry["credentials"][0]["value"],
        first_name=entry["firstName"],
        last_name=entry["lastName"],
    )


def register_with_toolkit(client: Client) -> None:
    """Registers a client with Django OAuth Toolkit, which stores the secret hashed."""
    Application.objects.create(
        client_id=client.client_id,
        name=client.client_id,
        client_secret=client.secret,
        client_type="confidential" if client.secret else "public",
        authorization_grant_type=client.grant,
        redirect_uris=" ".join(client.redirect_uris),
        skip_authorization=not client.consent,
        algorithm="RS256",
    )


def register_with_provider(client: Client) -> None:
    """Registers a client with django-oidc-provider.

    It asks people for their consent to any public client, whatever is registered.
    """
    # Anybody may introspect on Django OAuth Toolkit, but here only who has this scope.
    introspection = ["token_introspection"] if client.client_id == "ticketing-api" else []
    registered = ProviderClient.objects.create(
        # It removes what is not visible ASCII from each client_id that it is sent.
        client_id=sanitize_client_id(client.client_id),
        name=client.client_id,
        client_secret=client.secret,
        client_type="confidential" if client.secret else "public",
        redirect_uris=client.redirect_uris,
        require_consent=client.consent,
        reuse_consent=False,
        scope=[*SCOPES, *introspection],
    )
    registered.response_types.add(ResponseType.objects.get(value="code"))
