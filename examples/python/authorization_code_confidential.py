# SPDX-License-Identifier: MIT-0
# /// script
# requires-python = ">=3.10"
# dependencies = ["requests>=2.32,<3"]
# ///
"""Logs a person in at a client with a secret (RFC 6749, 4.1, with PKCE: RFC 7636), shows the token.

Run: python authorization_code_confidential.py
"""

import base64
import hashlib
import hmac
import json
import os
import queue
import re
import secrets
import sys
import tempfile
import threading
import time
import webbrowser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, urlencode, urlsplit

import requests

# Settings come from the environment. An empty one counts as missing.
issuer = os.environ.get("OAUTH_ISSUER", "")
authorize_url = os.environ.get("OAUTH_AUTHORIZE_URL", "")
token_url = os.environ.get("OAUTH_TOKEN_URL", "")
client_id = os.environ.get("OAUTH_CLIENT_ID", "")
# Taken out, since the browser gets the rest of the environment.
client_secret = os.environ.pop("OAUTH_CLIENT_SECRET", "")
client_auth = os.environ.get("OAUTH_CLIENT_AUTH") or "basic"
scope = os.environ.get("OAUTH_SCOPE", "")
redirect_port = os.environ.get("OAUTH_REDIRECT_PORT", "")
token_file = os.environ.get("OAUTH_TOKEN_FILE", "")

needed = {
    "OAUTH_ISSUER or OAUTH_AUTHORIZE_URL": issuer or authorize_url,
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


def store(answer: dict[str, Any], issued_at: float) -> None:
    said = {"scope": scope, **answer}
    names = ("access_token", "refresh_token", "id_token", "scope")
    entry = {name: said[name] for name in names if isinstance(said.get(name), str) and said[name]}
    entry |= {"token_type": "Bearer", "issued_at": issued_at}
    # Times are seconds since 1970. A life of 0 is one that is not known.
    for name, life in (("expires_at", "expires_in"), ("refresh_expires_at", "refresh_expires_in")):
        if re.fullmatch(r"\d+(\.\d+)?", str(answer.get(life))) and float(answer[life]) > 0:
            entry[name] = issued_at + float(answer[life])
    file = read_token_file()
    file["tokens"][token_key()] = entry

    # For its owner alone and whole at every moment: a new file that takes the old one's place.
    path = Path(token_file)
    path.parent.mkdir(0o700, parents=True, exist_ok=True)
    prefix = f"{path.name}.tmp.{os.getpid()}-"
    descriptor, temporary = tempfile.mkstemp(prefix=prefix, dir=path.parent)  # has mode 0600
    with os.fdopen(descriptor, "w") as output:
        json.dump(file, output, indent=2)
    Path(temporary).replace(path)


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


# A file that is none of ours shows before anybody logs in for nothing.
if token_file:
    read_token_file()

# The endpoints: set, or out of the server's metadata.
metadata = discover() if issuer else {}
authorize_url = authorize_url or metadata.get("authorization_endpoint", "")
token_url = token_url or metadata.get("token_endpoint", "")
if not authorize_url or not token_url:
    sys.exit(f"No authorization endpoint or no token endpoint of {issuer or token_url}")

# The state ties the browser's answer to this login, the verifier the code (RFC 7636, 4.1).
state = secrets.token_urlsafe(32)
verifier = secrets.token_urlsafe(32)
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
    **({"scope": scope} if scope else {}),
    "state": state,
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
if issuer and is_named and callback.get("iss") != issuer:
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
issued_at = time.time()
token = request_token(token_url, exchange)
if token_file:
    store(token, issued_at)
show(token)
