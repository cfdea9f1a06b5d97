"""Where each server answers."""

from django.contrib.auth.views import LoginView
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from oidc_provider import urls as oidc_provider
from oidc_provider.views import TokenView

from servers.provider import TokenEndpoint

token = csrf_exempt(TokenView.as_view(token_endpoint_class=TokenEndpoint))
provider = [re_path(r"^token/?$", token, name="token"), *oidc_provider.urlpatterns]

urlpatterns = [
    path("accounts/login/", LoginView.as_view()),
    path("harness/", include("harness.urls")),
    path("o/", include("oauth2_provider.urls")),
    path("", include((provider, oidc_provider.app_name))),
]
