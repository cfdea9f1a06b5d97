"""The project: Django OAuth Toolkit below /o/, django-oidc-provider at /."""
