"""Tokens that die on demand, whichever server issued them."""

from datetime import datetime, timezone

from oauth2_provider.models import AccessToken, revoke_access_token
from oidc_provider.models import Token

_LONG_AGO = datetime(2000, 1, 1, tzinfo=timezone.utc)


def expire(access_token: str) -> bool:
    """Lets an access token have expired; its refresh token stays good.

    Returns:
        Whether there was such a token.
    """
    toolkit = AccessToken.objects.filter(token=access_token).update(expires=_LONG_AGO)
    provider = Token.objects.filter(access_token=access_token).update(expires_at=_LONG_AGO)
    return bool(toolkit or provider)


def end_session(access_token: str) -> bool:
    """Kills an access token and its refresh token.

    Returns:
        Whether there was such a token.
    """
    for token in AccessToken.objects.filter(token=access_token):
        revoke_access_token(token)
        return True
    deleted, _ = Token.objects.filter(access_token=access_token).delete()
    return bool(deleted)
