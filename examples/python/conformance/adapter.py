# SPDX-License-Identifier: MIT-0
"""Speaks the adapter protocol (docs/protocol.md) for TokenClient. No token logic of its own."""

from __future__ import annotations

import json
import os
import platform
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from token_client import OAuthError, TokenClient

Json = dict[str, Any]

INFO: Json = {
    "protocol_version": 1,
    "name": "python",
    "language": "Python",
    "runtime": f"Python {platform.python_version()}",
    "library": "token_client.py",
    "version": "0.1.0",
    "capabilities": ["client_credentials", "refresh", "discovery", "concurrent", "api_retry"],
}
OVERLAPPING = ("token/get", "api/request")
METHODS = ("client/open", "client/close", *OVERLAPPING)
MOST_CALLS_AT_ONCE = 256  # a call that joins a renewal holds its thread while it waits
SECONDS_TO_FINISH = 4  # of the 5 that the protocol gives

clients: dict[str, TokenClient] = {}
debugged: set[TokenClient] = set()
output = threading.Lock()


class RpcError(Exception):
    """Holds a JSON-RPC error code and a message."""


def param(params: Json, name: str, *types: type, default: Any = None) -> Any:
    value = params.get(name, default)
    if not isinstance(value, types):
        raise RpcError(-32602, f"{name} is missing or of the wrong type")
    return value


def given(members: Json) -> Json:
    return {name: value for name, value in members.items() if value is not None}


def show(thing: object) -> None:
    sys.stderr.write(f"{thing} {thing!r} {vars(thing)}\n")


def open_client(handle: str, config: Json) -> Json:
    try:
        client = clients[handle] = TokenClient(**config)
    except TypeError:
        raise RpcError(-32602, "config is not made of settings") from None
    if config.get("debug"):
        debugged.add(client)
        show(client)
    return {"outcome": "ok"}


def get_token(client: TokenClient, params: Json) -> Json:
    token = client.get_token(
        min_validity=param(params, "min_validity", int, float, default=0),
        force_refresh=param(params, "force_refresh", bool, default=False),
    )
    if client in debugged:
        show(client)
        show(token)
    members = {
        "outcome": "ok",
        "token_type": token.token_type,
        "scope": token.scope,
        "expires_in": token.expires_in,
        "has_refresh_token": token.refresh_token is not None,
        "has_id_token": token.id_token is not None,
    }
    return given(members)


def request(client: TokenClient, params: Json) -> Json:
    method, url = param(params, "method", str), param(params, "url", str)
    headers = param(params, "headers", dict, default={})
    body = param(params, "body", str, type(None))
    response = client.request(method, url, headers, body)
    return {"outcome": "ok", "status": response.status, "body": response.text}


def call(method: str, params: Json) -> Json:
    if method == "initialize":
        return INFO
    if method not in METHODS:
        raise RpcError(-32601, "no such method")
    handle = param(params, "client", str)
    try:
        if method == "client/open":
            return open_client(handle, param(params, "config", dict))
        if (client := clients.get(handle)) is None:
            raise RpcError(-32602, "no client of that handle is open")
        if method == "client/close":
            debugged.discard(clients.pop(handle))
            return {"outcome": "ok"}
        return get_token(client, params) if method == "token/get" else request(client, params)
    except OAuthError as error:
        members = {
            "class": error.error_class,
            "oauth_error": error.oauth_error,
            "oauth_description": error.oauth_description,
            "http_status": error.http_status,
            "message": str(error),
        }
        return {"outcome": "error", "error": given(members)}


def answer(message: Json) -> None:
    response: Json = {"jsonrpc": "2.0", "id": message["id"]}
    try:
        response["result"] = call(message["method"], message.get("params", {}))
    except RpcError as error:
        response["error"] = dict(zip(("code", "message"), error.args, strict=True))
    except Exception as error:  # its class alone, since its text could quote a secret
        response["error"] = {"code": -32603, "message": type(error).__name__}
    with output:
        print(json.dumps(response), flush=True)  # ASCII, whatever the locale


def main() -> None:
    pool = ThreadPoolExecutor(MOST_CALLS_AT_ONCE)
    running: set[Future[None]] = set()
    for line in sys.stdin.buffer:
        message = json.loads(line)
        if message["method"] in OVERLAPPING:
            future = pool.submit(answer, message)
            running.add(future)
            future.add_done_callback(running.discard)
        else:
            answer(message)
    wait(running.copy(), SECONDS_TO_FINISH)
    os._exit(0)  # the usual exit would wait for every thread, however slow its server


if __name__ == "__main__":
    main()
