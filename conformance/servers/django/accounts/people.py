"""Claims about a person (OpenID Connect Core 1.0, section 5.1)."""

from typing import Any

from django.contrib.auth.models import User


def claims_of(user: User) -> dict[str, Any]:
    """Gives the claims that Keycloak gives for the scopes profile and email."""
    return {
        "name": user.get_full_name(),
        "preferred_username": user.get_username(),
        "given_name": user.first_name,
        "family_name": user.last_name,
        "email": user.email,
        "email_verified": True,
    }
