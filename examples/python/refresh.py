# SPDX-License-Identifier: MIT-0
# /// script
# requires-python = ">=3.10"
# dependencies = ["requests>=2.32,<3"]
# ///
"""Gets a token by client credentials (RFC 6749, 4.4), then one by its refresh token (RFC 6749, 6).

With OAUTH_TOKEN_FILE the first token is the one that authorization_code.py has stored there.

Run: python refresh.py
"""

import hashlib
import json
import os
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import requests

# Settings come from the environment. An empty one counts as missing.
issuer = os.environ.get("OAUTH_ISSUER", "")
token_url = os.environ.get("OAUTH_TOKEN_URL", "")
refresh_url = os.environ.get("OAUTH_REFRESH_URL", "")
client_id = os.environ.get("OAUTH_CLIENT_ID", "")
client_secret = os.environ.get("OAUTH_CLIENT_SECRET", "")
scope = os.environ.get("OAUTH_SCOPE", "")
token_file = os.environ.get("OAUTH_TOKEN_FILE", "")
# A client that logs people in and has no secret is a public one.
is_public = bool(token_file and not client_secret)
client_auth = os.environ.get("OAUTH_CLIENT_AUTH") or ("none" if is_public else "basic")

needed = {
    "OAUTH_ISSUER or OAUTH_TOKEN_URL": issuer or token_url,
    "OAUTH_CLIENT_ID": client_id,
    "OAUTH_CLIENT_SECRET": client_secret or client_auth == "none",
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


# The token file that programs of all languages share (docs/token-file.md).
def read_token_file() -> dict[str, Any]:
    path = Path(token_file)
    try:
        text = path.read_text("utf-8-sig").strip() if path.exists() else ""
        file = json.loads(text or '{"format": "polyglot-tokens", "version": 1}')
    except ValueError:  # the text of the error would quote the file
        file = []
    if isinstance(file, dict) and file.get("format") == "polyglot-tokens" and file["version"] == 1:
        return {"tokens": {}, **file}
    print(f"{token_file} is not a token file of polyglot-tokens, version 1", file=sys.stderr)
    sys.exit(2)


# Server, client, grant, user (none here) and sorted scopes, percent-encoded (RFC 3986, 2.3).
def token_key() -> str:
    parts = [issuer or token_url, client_id, "authorization_code", ""]
    encoded = [quote(part, safe="") for part in parts]
    scopes = [quote(name, safe="") for name in sorted(set(scope.split()))]
    return " ".join([*encoded, "+".join(scopes)])


# Puts into the file what the answer says, and leaves there what it does not say.
def store(answer: dict[str, Any], issued_at: float) -> None:
    file = read_token_file()
    entry = file["tokens"][token_key()]
    names = ("access_token", "refresh_token", "id_token", "scope")
    entry |= {name: answer[name] for name in names if answer.get(name)}
    entry |= {"token_type": "Bearer", "issued_at": issued_at}
    entry.pop("refresh_sent_at", None)  # what a client notes of a refresh without an answer
    # Times are seconds since 1970. A life of 0 is one that is not known.
    lives = {"expires_at": "expires_in"}
    if answer.get("refresh_token"):
        lives["refresh_expires_at"] = "refresh_expires_in"
    for name, life in lives.items():
        entry.pop(name, None)
        if re.fullmatch(r"\d+(\.\d+)?", str(answer.get(life))) and float(answer[life]) > 0:
            entry[name] = issued_at + float(answer[life])

    # For its owner alone and whole at every moment: a new file that takes the old one's place.
    path = Path(token_file)
    path.parent.mkdir(0o700, parents=True, exist_ok=True)
    prefix = f"{path.name}.tmp.{os.getpid()}-"
    descriptor, temporary = tempfile.mkstemp(prefix=prefix, dir=path.parent)  # has mode 0600
    with os.fdopen(descriptor, "w") as output:
        json.dump(file, output, indent=2)
    Path(temporary).replace(path)


# What a login has stored, in the words of a token response.
def stored_answer() -> dict[str, Any]:
    entry = read_token_file()["tokens"].get(token_key())
    if not isinstance(entry, dict) or not {"access_token", "issued_at"} <= entry.keys():
        sys.exit(f"{token_file} has no tokens for these settings: run authorization_code first")
    if not entry.get("expires_at"):
        return entry
    return {**entry, "expires_in": round(entry["expires_at"] - entry["issued_at"])}


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


token_url = token_url or discover_token_url()
if token_file:
    issued = stored_answer()
    print("Stored")
else:
    # The token request (RFC 6749, 4.4.2).
    grant = {"grant_type": "client_credentials"}
    if scope:
        grant["scope"] = scope
    issued = request_token(token_url, grant)
    print("Issued")
show(issued)

# For this grant a server should not issue one (RFC 6749, 4.4.3), so it must be told to.
if not issued.get("refresh_token"):
    sys.exit(
        "No refresh token was issued. Keycloak has a switch for it, on the Advanced tab of the"
        ' client: "Use refresh tokens for client credentials grant".'
    )

# The refresh request, with the same client authentication (RFC 6749, 6).
refresh = {"grant_type": "refresh_token", "refresh_token": issued["refresh_token"]}
issued_at = time.time()
refreshed = request_token(refresh_url or token_url, refresh)
if token_file:
    store(refreshed, issued_at)
# Without a new refresh token the old one stays valid (RFC 6749, 6).
refreshed["refresh_token"] = refreshed.get("refresh_token") or issued["refresh_token"]
print("Refreshed")
show(refreshed)
