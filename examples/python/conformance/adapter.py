# SPDX-License-Identifier: MIT-0
"""Speaks the adapter protocol (docs/protocol.md) for TokenClient. No token logic of its own."""

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
DESCRIPTION = ("token_type", "scope", "expires_in")
OPTIONAL_TOKENS = ("refresh_token", "id_token")
MOST_CALLS_AT_ONCE = 256  # a call that joins a renewal holds its thread while it waits
SECONDS_TO_FINISH = 3  # of the 5 that the protocol gives

clients: dict[str, TokenClient] = {}
debugged: set[TokenClient] = set()
output = threading.Lock()


class RpcError(Exception):
    """A JSON-RPC error: its code and its message."""


def param(params: Json, name: str, *types: type, default: Any = None) -> Any:
    value = params.get(name, default)
    if not isinstance(value, types):
        raise RpcError(-32602, f"{name} is missing or of the wrong type")
    return value


def opened(params: Json) -> TokenClient:
    if (client := clients.get(param(params, "client", str))) is None:
        raise RpcError(-32602, "no client of that handle is open")
    return client


def show(client: TokenClient, *things: object) -> None:
    for thing in (client, *things) if client in debugged else ():
        sys.stderr.write(f"{thing} {thing!r} {vars(thing)}\n")


def call(method: str, params: Json) -> Json:
    match method:
        case "client/open":
            handle, config = param(params, "client", str), param(params, "config", dict)
            try:
                client = clients[handle] = TokenClient(**config)
            except TypeError:
                raise RpcError(-32602, "config is not made of settings") from None
            debugged.update([client] if config.get("debug") else [])
            show(client)
            return {}
        case "token/get":
            client = opened(params)
            token = client.get_token(
                min_validity=param(params, "min_validity", int, float, default=0),
                force_refresh=param(params, "force_refresh", bool, default=False),
            )
            show(client, token)
            has = {f"has_{name}": getattr(token, name) is not None for name in OPTIONAL_TOKENS}
            return {name: getattr(token, name) for name in DESCRIPTION} | has
        case "api/request":
            method, url = param(params, "method", str), param(params, "url", str)
            headers, body = param(params, "headers", dict, default={}), params.get("body")
            response = opened(params).request(method, url, headers, body)
            return {"status": response.status, "body": response.text}
        case "client/close":
            debugged.discard(opened(params))
            del clients[params["client"]]
            return {}
    raise RpcError(-32601, "no such method")


def given(members: Json) -> Json:
    return {name: value for name, value in members.items() if value is not None}


def answer(message: Json) -> None:
    method, params = message["method"], message.get("params", {})
    response: Json = {"jsonrpc": "2.0", "id": message["id"]}
    try:
        is_first = method == "initialize"
        response["result"] = INFO if is_first else {"outcome": "ok", **given(call(method, params))}
    except OAuthError as error:
        names = ("oauth_error", "oauth_description", "http_status")
        details = {"class": error.error_class, "message": str(error)}
        details |= {name: getattr(error, name) for name in names}
        response["result"] = {"outcome": "error", "error": given(details)}
    except RpcError as error:
        response["error"] = {"code": error.args[0], "message": error.args[1]}
    except Exception as error:  # its class alone: its text could quote a secret
        response["error"] = {"code": -32603, "message": type(error).__name__}
    with output:
        print(json.dumps(response), flush=True)  # ASCII, whatever the locale


def main() -> None:
    pool = ThreadPoolExecutor(MOST_CALLS_AT_ONCE)
    calls: list[Future[None]] = []
    for line in sys.stdin.buffer:
        message = json.loads(line)
        if message["method"] in ("token/get", "api/request"):  # these send something
            calls.append(pool.submit(answer, message))
        else:
            answer(message)
    wait(calls, SECONDS_TO_FINISH)
    os._exit(0)  # the usual exit would wait for every thread, however slow its server


if __name__ == "__main__":
    main()
