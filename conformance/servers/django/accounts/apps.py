"""The app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Loads what the two servers are given beyond their settings."""

    name = "accounts"

    def ready(self) -> None:
        """Runs once all models are there."""
        from servers import provider, toolkit  # noqa: F401 - connects its signal

        provider.allow_any_loopback_port()
        provider.load_keys_once()
