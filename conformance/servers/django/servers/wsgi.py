"""The project as a WSGI application."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "servers.settings")
application = get_wsgi_application()

from oidc_provider.models import RSAKey  # noqa: E402 - models want Django set up

# Django OAuth Toolkit takes its key from the settings: the same one, which no file has to hold.
settings.OAUTH2_PROVIDER["OIDC_RSA_PRIVATE_KEY"] = RSAKey.objects.get().key
