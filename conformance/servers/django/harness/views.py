"""The harness's own endpoints. None of them is there for whoever comes through a proxy."""

from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from importlib.metadata import version

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from harness import tokens
from harness.memory import recall

_View = Callable[[HttpRequest], HttpResponse]


def _direct_only(view: _View) -> _View:
    """Answers 404 unless the request names this server's own address."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        own = f"127.0.0.1:{request.META['SERVER_PORT']}"
        return view(request) if request.META.get("HTTP_HOST") == own else HttpResponse(status=404)

    return guarded


@_direct_only
@require_GET
def versions(request: HttpRequest) -> HttpResponse:
    """Gives the versions of both servers."""
    names = ("django-oauth-toolkit", "django-oidc-provider")
    return JsonResponse({name: version(name) for name in names})


@_direct_only
@require_GET
def memory(request: HttpRequest) -> HttpResponse:
    """Gives the token requests that came with the Host header `host`."""
    requests = recall(request.GET.get("host", ""))
    return JsonResponse([asdict(one) for one in requests], safe=False)


@csrf_exempt
@_direct_only
@require_POST
def end_session(request: HttpRequest) -> HttpResponse:
    """Kills the access token `token` and its refresh token: 204, or 404 if there is none."""
    return HttpResponse(status=204 if tokens.end_session(request.POST.get("token", "")) else 404)


@csrf_exempt
@_direct_only
@require_POST
def expire(request: HttpRequest) -> HttpResponse:
    """Lets the access token `token` have expired: 204, or 404 if there is none."""
    return HttpResponse(status=204 if tokens.expire(request.POST.get("token", "")) else 404)


@csrf_exempt
@_direct_only
@require_POST
def users(request: HttpRequest) -> HttpResponse:
    """Registers the person `username` with `password`, who can then log in at both servers."""
    name, password = request.POST["username"], request.POST["password"]
    User.objects.create_user(
        name, f"{name}@korusticket.test", password, first_name="A", last_name="Guest"
    )
    return HttpResponse(status=201)
