"""What Django OAuth Toolkit does here beyond its settings."""

from datetime import timedelta
from typing import Any

from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from oauth2_provider.models import AccessToken
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.signals import app_authorized

from accounts.clients import lives
from accounts.people import claims_of


class Validator(OAuth2Validator):
    """Adds the claims about a person that scopes ask for."""

    def get_additional_claims(self, request: Any) -> dict[str, Any]:
        """Gives all claims; the base class keeps those of the granted scopes."""
        return claims_of(request.user)


@receiver(app_authorized)
def shorten(request: HttpRequest, token: AccessToken, **_: object) -> None:
    """Lets a token die before the time that was announced."""
    seconds = lives(token.application.client_id)
    if seconds is not None:
        token.expires = timezone.now() + timedelta(seconds=seconds)
        token.save(update_fields=["expires"])
