# SPDX-License-Identifier: MIT-0
# /// script
# requires-python = ">=3.10"
# dependencies = ["pyjwt[crypto]>=2.10,<3", "requests>=2.32,<3"]
# ///
"""Logs a person in and asks who it is (OpenID Connect Core 1.0, 3.1 and 5.3).

Run: python userinfo.py
"""

import base64
import hashlib
import hmac
import os
import queue
import re
import secrets
import sys
import threading
import webbrowser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
import requests

# Settings come from the environment. An empty one counts as missing.
issuer = os.environ.get("OAUTH_ISSUER", "")
authorize_url = os.environ.get("OAUTH_AUTHORIZE_URL", "")
token_url = os.environ.get("OAUTH_TOKEN_URL", "")
client_id = os.environ.get("OAUTH_CLIENT_ID", "")
scope = os.environ.get("OAUTH_SCOPE") or "openid profile email"
redirect_port = os.environ.get("OAUTH_REDIRECT_PORT", "")

needed = {"OAUTH_ISSUER": issuer, "OAUTH_CLIENT_ID": client_id}
if missing := [name for name, value in needed.items() if not value]:
    print(f"Missing settings: {', '.join(missing)}", file=sys.stderr)
    sys.exit(2)
# Without this scope there is no ID token (OpenID Connect Core 1.0, 3.1.2.1).
if "openid" not in scope.split():
    print("OAUTH_SCOPE must hold openid", file=sys.stderr)
    sys.exit(2)

session = requests.Session()
# Else a login in ~/.netrc would be sent along.
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


def discover() -> dict[str, Any]:
    url = f"{issuer.removesuffix('/')}/.well-known/openid-configuration"
    response = send("GET", url)
    metadata = members(response)
    # The metadata must name the very issuer that was asked (OpenID Connect Discovery, 4.3).
    if response.status_code == 200 and metadata.get("issuer") == issuer:
        return metadata
    sys.exit(f"GET {url}: HTTP {response.status_code}, no metadata of issuer {issuer}")


# Waits for the browser on a port that only this machine can reach (RFC 8252, 7.3 and 8.3).
class Callback(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        target = urlsplit(self.path)
        found = dict(parse_qsl(target.query))
        is_callback = self.command == "GET" and target.path == "/callback"
        # Any page can send a browser here, but only the server knows the state (RFC 6749, 10.12).
        is_ours = hmac.compare_digest(found.get("state", "").encode(), state.encode())
        is_answer = is_callback and is_ours and self.headers["Host"] == host
        self.send_response(200 if is_answer else 400)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        text = "You can close this window." if is_answer else "Not the answer to this login."
        self.wfile.write(text.encode())
        if is_answer:
            answers.put(found)

    do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = do_GET

    def log_message(self, *_: Any) -> None:
        pass  # the address holds the code


def request_token(url: str, form: dict[str, str]) -> dict[str, Any]:
    # A public client has no secret to show (RFC 6749, 2.1).
    response = send("POST", url, data={**form, "client_id": client_id})
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


# Who signed it, for whom, and when (OpenID Connect Core 1.0, 3.1.3.7).
def verified_id_token(id_token: Any) -> dict[str, Any]:
    try:
        # The issuer's key, and the algorithm that we expect: the token's word is no proof of
        # either (RFC 8725, 3.1).
        kid = str(jwt.get_unverified_header(id_token).get("kid"))
        keys = jwt.PyJWKSet.from_dict(members(send("GET", jwks_url)))
        claims: dict[str, Any] = jwt.decode(
            id_token,
            keys[kid],
            algorithms=["RS256"],
            issuer=issuer,
            audience=client_id,
            leeway=30,  # seconds between the clocks
            options={"require": ["iss", "sub", "aud", "exp", "iat"]},
        )
    except (jwt.PyJWTError, KeyError) as error:
        sys.exit(f"The ID token is not {issuer}'s for {client_id} ({type(error).__name__})")
    # For this client alone, and for this login.
    if claims["aud"] not in (client_id, [client_id]) or claims.get("azp", client_id) != client_id:
        sys.exit(f"The ID token is not for {client_id} alone")
    if claims.get("nonce") != nonce:
        sys.exit("The ID token is of another login: its nonce is not the one that was sent")
    return claims


# The endpoints: set, or out of the server's metadata.
metadata = discover()
authorize_url = authorize_url or metadata.get("authorization_endpoint", "")
token_url = token_url or metadata.get("token_endpoint", "")
jwks_url, userinfo_url = metadata.get("jwks_uri", ""), metadata.get("userinfo_endpoint", "")
if not (authorize_url and token_url and jwks_url and userinfo_url):
    sys.exit(f"{issuer} does not name all endpoints of OpenID Connect")

# The state ties the browser's answer to this login, the verifier the code (RFC 7636, 4.1), the
# nonce the ID token (OpenID Connect Core 1.0, 3.1.2.1).
state = secrets.token_urlsafe(32)
verifier = secrets.token_urlsafe(32)
nonce = secrets.token_urlsafe(32)
answers: queue.Queue[dict[str, str]] = queue.Queue()
try:
    server = ThreadingHTTPServer(("127.0.0.1", int(redirect_port or 0)), Callback)
except (OSError, ValueError, OverflowError) as error:
    print(f"OAUTH_REDIRECT_PORT: {error}", file=sys.stderr)
    sys.exit(2)
host = f"127.0.0.1:{server.server_port}"
threading.Thread(target=server.serve_forever, daemon=True).start()

# The authorization request (RFC 6749, 4.1.1), with the hash of the verifier (RFC 7636, 4.3).
challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
request = {
    "response_type": "code",
    "client_id": client_id,
    "redirect_uri": f"http://{host}/callback",
    "scope": scope,
    "state": state,
    "nonce": nonce,
    "code_challenge": challenge.decode(),
    "code_challenge_method": "S256",
}
login_url = f"{authorize_url}{'&' if '?' in authorize_url else '?'}{urlencode(request)}"
print(f"Log in at: {login_url}", file=sys.stderr)
# In a thread, because some browsers keep the caller waiting.
threading.Thread(target=webbrowser.open, args=[login_url], daemon=True).start()
try:
    callback = answers.get(timeout=300)
except queue.Empty:
    sys.exit("Nobody came back within 300 seconds")
server.shutdown()
server.server_close()

# Another server's answer must not end here. Some promise to say whose it is (RFC 9207, 2.4).
is_named = "iss" in callback or metadata.get("authorization_response_iss_parameter_supported")
if is_named and callback.get("iss") != issuer:
    sys.exit(f"The callback is from the issuer {callback.get('iss')}, not from {issuer}")
# The person or the server said no (RFC 6749, 4.1.2.1).
if "error" in callback:
    sys.exit(f"{callback['error']}: {callback.get('error_description', 'the login was refused')}")
if "code" not in callback:
    sys.exit("The callback holds neither a code nor an error")

# The exchange (RFC 6749, 4.1.3), with the verifier (RFC 7636, 4.5).
exchange = {
    "grant_type": "authorization_code",
    "code": callback["code"],
    "redirect_uri": request["redirect_uri"],
    "code_verifier": verifier,
}
token = request_token(token_url, exchange)
sub = verified_id_token(token.get("id_token"))["sub"]

# The claims must be about the person of the ID token (OpenID Connect Core 1.0, 5.3.2).
bearer = {"Authorization": f"Bearer {token['access_token']}"}
response = send("GET", userinfo_url, headers=bearer)
if response.status_code != 200:
    sys.exit(f"GET {userinfo_url}: HTTP {response.status_code}")
claims = members(response)
if claims.get("sub") != sub:
    sys.exit(f"GET {userinfo_url}: not about the person of the ID token")
for name in ("sub", "name", "preferred_username", "email"):
    print(f"{name}: {claims.get(name) or 'none'}")
