# SPDX-License-Identifier: MIT-0
# /// script
# requires-python = ">=3.10"
# dependencies = ["requests>=2.32,<3"]
# ///
"""Gets a token for a person's name and password (RFC 6749, 4.3) and shows it.

Run: python password.py
"""

import hashlib
import os
import re
import sys
from typing import Any
from urllib.parse import quote_plus, unquote

import requests

# Settings come from the environment. An empty one counts as missing.
issuer = os.environ.get("OAUTH_ISSUER", "")
token_url = os.environ.get("OAUTH_TOKEN_URL", "")
client_id = os.environ.get("OAUTH_CLIENT_ID", "")
client_secret = os.environ.get("OAUTH_CLIENT_SECRET", "")
client_auth = os.environ.get("OAUTH_CLIENT_AUTH") or "basic"
scope = os.environ.get("OAUTH_SCOPE", "")
username = os.environ.get("OAUTH_USERNAME", "")
password = os.environ.get("OAUTH_PASSWORD", "")

# Some documents have https://id:secret@host/... A URL is shown in messages and logs, so both are
# taken out of it. They are percent-encoded there (RFC 3986, 3.2.1).
if in_url := re.fullmatch("(https?://)([^/?#:]*):([^/?#]*)@(.+)", token_url):
    client_id = client_id or unquote(in_url[2])
    client_secret = client_secret or unquote(in_url[3])
    token_url = in_url[1] + in_url[4]

needed = {
    "OAUTH_ISSUER or OAUTH_TOKEN_URL": issuer or token_url,
    "OAUTH_CLIENT_ID": client_id,
    "OAUTH_CLIENT_SECRET": client_secret or client_auth == "none",
    "OAUTH_USERNAME": username,
    "OAUTH_PASSWORD": password,
}
if missing := [name for name, value in needed.items() if not value]:
    print(f"Missing settings: {', '.join(missing)}", file=sys.stderr)
    sys.exit(2)
if client_auth not in ("basic", "post", "none"):
    print("OAUTH_CLIENT_AUTH must be basic, post or none", file=sys.stderr)
    sys.exit(2)

session = requests.Session()
# Else a login in ~/.netrc would replace the Authorization header.
session.trust_env = False
session.headers["Accept"] = "application/json"


# One request: no redirects, and no pause of more than 30 seconds.
def send(method: str, url: str, **options: Any) -> requests.Response:
    try:
        return session.request(method, url, timeout=30, allow_redirects=False, **options)
    except requests.RequestException as error:
        sys.exit(f"{method} {url}: no whole answer ({type(error).__name__})")


# The members of a JSON object; none if the body is anything else.
def members(response: requests.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except (ValueError, RecursionError):  # the text of the error would quote the body
        return {}
    return answer if isinstance(answer, dict) else {}


def discover_token_url() -> str:
    url = f"{issuer.removesuffix('/')}/.well-known/openid-configuration"
    response = send("GET", url)
    metadata = members(response)
    found = metadata.get("token_endpoint")
    # The metadata must name the very issuer that was asked (OpenID Connect Discovery, 4.3).
    if response.status_code == 200 and metadata.get("issuer") == issuer and isinstance(found, str):
        return found
    sys.exit(f"GET {url}: HTTP {response.status_code}, no token endpoint of issuer {issuer}")


def request_token(url: str, grant: dict[str, str]) -> dict[str, Any]:
    form, auth = dict(grant), None
    if client_auth == "basic":
        # Basic wants id and secret form-encoded (RFC 6749, 2.3.1).
        auth = quote_plus(client_id), quote_plus(client_secret)
    else:
        form["client_id"] = client_id
    if client_auth == "post":
        form["client_secret"] = client_secret
    response = send("POST", url, data=form, auth=auth)
    answer = members(response)

    # The server said no (RFC 6749, 5.2).
    error, description = answer.get("error"), answer.get("error_description")
    if error and isinstance(error, str):
        said = f"{error}: {description}" if description else error
        sys.exit(f"{said} (HTTP {response.status_code})")

    # A token is printable text (RFC 6749, A.12), its type Bearer in any case (5.1 and 7.1).
    token, token_type = answer.get("access_token"), answer.get("token_type")
    is_token = isinstance(token, str) and re.fullmatch("[ -~]+", token)
    is_bearer = isinstance(token_type, str) and token_type.lower() == "bearer"
    if response.status_code // 100 != 2 or "error" in answer or not is_token or not is_bearer:
        sys.exit(f"POST {url}: HTTP {response.status_code}, no usable token in the answer")
    return answer


# Length and hash tell one token from another and give neither away.
def fingerprint(token: object) -> str:
    if not isinstance(token, str) or not token:
        return "none"
    return f"{len(token)} characters, sha256 {hashlib.sha256(token.encode()).hexdigest()[:8]}"


def show(answer: dict[str, Any]) -> None:
    for name in ("token_type", "expires_in", "scope"):
        value = answer.get(name)
        print(f"{name}: {'none' if value in (None, '') else value}")
    for name in ("access_token", "refresh_token"):
        print(f"{name}: {fingerprint(answer.get(name))}")


# The person shows the password to this program, and there is no second factor.
print("The password grant is for legacy servers only (RFC 9700, 2.4).", file=sys.stderr)

# The token request (RFC 6749, 4.3.2).
token_url = token_url or discover_token_url()
grant = {"grant_type": "password", "username": username, "password": password}
if scope:
    grant["scope"] = scope
show(request_token(token_url, grant))
