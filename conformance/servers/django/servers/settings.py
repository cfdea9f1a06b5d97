"""Settings of both servers, for tests on one machine.

DATABASE in the environment names the SQLite file.
"""

import os
import secrets
from pathlib import Path
from typing import Any

from accounts.clients import LIFETIME, SCOPES, announced

BASE_DIR = Path(__file__).parents[1]

# The sessions that it signs end with the process.
SECRET_KEY = secrets.token_urlsafe()
# Whatever the port: each proxy before this server has an origin, and so an issuer, of its own.
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
ROOT_URLCONF = "servers.urls"
USE_TZ = True

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "oauth2_provider",
    "oidc_provider",
    "accounts",
    "harness",
]
MIDDLEWARE = [
    "harness.middleware.remember_token_requests",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
STATIC_URL = "/static/"
LOGIN_URL = "/accounts/login/"
# Also for the secrets of Django OAuth Toolkit's clients. Django's default takes 0.24 s each time.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("DATABASE", BASE_DIR / "db.sqlite3"),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF",
        },
    }
}

_errors = {"handlers": ["stderr"], "level": "ERROR", "propagate": False}
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": dict.fromkeys(("django.request", "oauth2_provider", "waitress"), _errors),
}

OAUTH2_PROVIDER: dict[str, Any] = {
    "SCOPES": SCOPES,
    "DEFAULT_SCOPES": ["read", "write"],
    "ACCESS_TOKEN_EXPIRE_SECONDS": LIFETIME,
    "EXTRA_SERVER_KWARGS": {
        "token_expires_in": lambda request: announced(request.client.client_id)
    },
    "OIDC_ENABLED": True,
    "OAUTH2_VALIDATOR_CLASS": "servers.toolkit.Validator",
}

OIDC_TOKEN_EXPIRE = LIFETIME
OIDC_GRANT_TYPE_PASSWORD_ENABLE = True
OIDC_USERINFO = "servers.provider.userinfo"
OIDC_INTROSPECTION_RESPONSE_SCOPE_ENABLE = True
# Else ticketing-api would need the id of each client among its scopes.
OIDC_INTROSPECTION_VALIDATE_AUDIENCE_SCOPE = False
