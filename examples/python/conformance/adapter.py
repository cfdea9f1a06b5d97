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

from token_client import OAuthError, PendingLogin, Token, TokenClient

Json = dict[str, Any]

CAPABILITIES = """client_credentials password authorization_code openid refresh discovery
    concurrent api_retry store shared_store"""
INFO: Json = {"protocol_version": 1, "name": "python", "language": "Python", "version": "0.1.0"}
INFO |= {"library": "token_client.py", "runtime": f"Python {platform.python_version()}"}
INFO |= {"capabilities": CAPABILITIES.split()}

clients: dict[str, TokenClient] = {}
logins: dict[TokenClient, PendingLogin] = {}
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


def described(token: Token) -> Json:
    has = {f"has_{name}": bool(getattr(token, name)) for name in ("refresh_token", "id_token")}
    return {name: getattr(token, name) for name in ("token_type", "scope", "expires_in")} | has


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
        case "token/get":
            client = opened(params)
            token = client.get_token(
                min_validity=param(params, "min_validity", int, float, default=0),
                force_refresh=param(params, "force_refresh", bool, default=False),
            )
            show(client, token)
            return described(token)
        case "api/request":
            verb, url = param(params, "method", str), param(params, "url", str)
            headers, body = param(params, "headers", dict, default={}), params.get("body")
            response = opened(params).request(verb, url, headers, body)
            return {"status": response.status, "body": response.text}
        case "login/start":
            login = logins[opened(params)] = opened(params).start_login()
            return {"authorization_url": login.authorization_url}
        case "login/finish":
            return described(logins[opened(params)].finish(params.get("callback_url")))
        case "userinfo/get":
            return {"claims": opened(params).get_userinfo()}
        case "client/close":
            if pending := logins.pop(opened(params), None):
                pending.cancel()
            debugged.discard(clients.pop(params["client"]))
        case _:
            raise RpcError(-32601, "no such method")
    return {}


def answer(message: Json) -> None:
    method, params = message["method"], message.get("params", {})
    response: Json = {"jsonrpc": "2.0", "id": message["id"]}
    try:
        result = INFO if method == "initialize" else {"outcome": "ok", **call(method, params)}
        response["result"] = {name: value for name, value in result.items() if value is not None}
    except OAuthError as error:
        details = {"class": error.error_class, "message": str(error)}
        names = ("oauth_error", "oauth_description", "http_status")
        details |= {name: getattr(error, name) for name in names if getattr(error, name)}
        response["result"] = {"outcome": "error", "error": details}
    except RpcError as error:
        response["error"] = {"code": error.args[0], "message": error.args[1]}
    except Exception as error:  # its class alone: its text could quote a secret
        response["error"] = {"code": -32603, "message": type(error).__name__}
    with output:
        print(json.dumps(response), flush=True)  # ASCII, whatever the locale


def main() -> None:
    pool = ThreadPoolExecutor(256)  # a call that joins a renewal holds its thread while it waits
    calls: list[Future[None]] = []
    for message in map(json.loads, sys.stdin.buffer):
        if message["method"] in ("initialize", "client/open"):  # these send nothing
            answer(message)
        else:
            calls.append(pool.submit(answer, message))
    wait(calls, timeout=3)  # of the 5 seconds that the protocol gives
    os._exit(0)  # the usual exit would wait for every thread, however slow its server


if __name__ == "__main__":
    main()
