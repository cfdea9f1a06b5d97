# SPDX-License-Identifier: MIT-0
"""Plays the vectors of docs/token-file.md. Run: python -m unittest."""

import base64
import json
import unittest
from pathlib import Path
from typing import Any

import token_client as client

FILE = "../../packages/core/test/vectors/token-file.json"
VECTORS: dict[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).resolve().parent / FILE).read_bytes()
)


def revealed(record: dict[str, Any] | None) -> dict[str, Any] | None:
    if record is None:
        return None
    return {k: v.reveal() if isinstance(v, client.Secret) else v for k, v in record.items()}


class TokenFileTest(unittest.TestCase):
    """Each test plays one list of the vectors."""

    def test_keys(self) -> None:
        for vector in VECTORS["keys"]:
            with self.subTest(vector["name"]):
                key = client._store_key(**{"user": "", "scope": "", **vector["parts"]})
                self.assertEqual(key, vector["key"])

    def test_files(self) -> None:
        for vector in VECTORS["files"]:
            with self.subTest(vector["name"]):
                data = base64.b64decode(vector.get("base64", "")) or vector["text"].encode()
                if vector["outcome"] == "damaged":
                    self.assertRaises(client._DamagedFileError, client._parse_token_file, data)
                elif vector["outcome"] == "foreign":
                    self.assertRaises(client._ForeignFileError, client._parse_token_file, data)
                else:
                    self.check_entries(client._parse_token_file(data)["tokens"], vector)

    def check_entries(self, entries: dict[str, Any], vector: dict[str, Any]) -> None:
        for key, tokens in vector["tokens"].items():
            record = client._read_entry(entries.get(key))
            self.assertEqual(revealed(record), tokens)
            is_damaged = entries.get(key) is not None and record is None
            self.assertEqual(is_damaged, key in vector.get("damaged_entries", []))

    def test_saves(self) -> None:
        for vector in VECTORS["saves"]:
            with self.subTest(vector["name"]):
                record = client._read_entry(vector["tokens"])
                before = client._parse_token_file(vector["before"].encode())
                after = client._with_entry(before, vector["key"], record)
                self.assertEqual(json.loads(json.dumps(after)), vector["after"])

    def test_locks(self) -> None:
        for vector in VECTORS["locks"]:
            with self.subTest(vector["name"]):
                seen = vector["process"]
                sighting = seen if isinstance(seen, str) else (seen["state"], seen["start"])
                is_dead = client._is_dead(client._parse_holder(vector["text"]), sighting)
                self.assertEqual(is_dead, vector["verdict"] == "dead")

    def test_there_are_vectors(self) -> None:
        self.assertEqual([len(vectors) for vectors in VECTORS.values()], [6, 36, 4, 21])


if __name__ == "__main__":
    unittest.main()
