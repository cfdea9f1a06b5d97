"""The realm file, and the clients beyond it."""

import json
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parents[1]

REALM: dict[str, Any] = json.loads(
    (_HERE.parents[1] / "realm" / "korusticket.json").read_text(encoding="utf-8")
)
# The harness administers Keycloak with it.
_KEYCLOAKS_OWN = {"korus-harness"}

CLIENTS: list[dict[str, Any]] = [
    *(client for client in REALM["clients"] if client["clientId"] not in _KEYCLOAKS_OWN),
    *json.loads((_HERE / "clients.json").read_text(encoding="utf-8"))["clients"],
]
USERS: list[dict[str, Any]] = [user for user in REALM["users"] if "credentials" in user]
