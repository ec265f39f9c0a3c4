"""Where the stand-in keeps its objects: one SQLite table of id, type and JSON."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

Json = dict[str, Any]

_TABLE = """
CREATE TABLE IF NOT EXISTS object (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    json TEXT NOT NULL,
    UNIQUE (type, id)
)
"""
# Written so that an update keeps `seq`: it is the order of creation that lists are shown in.
_PUT = """
INSERT INTO object (id, type, json) VALUES (?, ?, ?)
ON CONFLICT (type, id) DO UPDATE SET json = excluded.json
"""


class Store:
    """Objects by type and id. Not locked by itself: `World.change` is the only door to it."""

    def __init__(self, path: str = ":memory:") -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            self._connection.execute(_TABLE)
        except sqlite3.Error:
            self._connection.close()
            raise

    @contextmanager
    def transaction(self, *, keep: tuple[type[Exception], ...] = ()) -> Iterator[None]:
        """All or nothing; `keep` names the exceptions that are answers, not accidents."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except keep:
            self._connection.execute("COMMIT")
            raise
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def get(self, kind: str, object_id: str) -> Json | None:
        """One object, or None."""
        row = self._connection.execute(
            "SELECT json FROM object WHERE type = ? AND id = ?", (kind, object_id)
        ).fetchone()
        return None if row is None else _read(row[0])

    def put(self, kind: str, object_id: str, value: Json) -> None:
        """Insert, or replace in its place."""
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        self._connection.execute(_PUT, (object_id, kind, text))

    def newest_first(self, kind: str) -> list[Json]:
        """Every object of a type, latest creation first."""
        rows = self._connection.execute(
            "SELECT json FROM object WHERE type = ? ORDER BY seq DESC", (kind,)
        )
        return [_read(row[0]) for row in rows]

    def having(self, kind: str, field: str, value: str) -> list[Json]:
        """Objects whose top-level field has this value, oldest first."""
        rows = self._connection.execute(
            "SELECT json FROM object WHERE type = ? AND json_extract(json, ?) = ? ORDER BY seq",
            (kind, f"$.{field}", value),
        )
        return [_read(row[0]) for row in rows]

    def clear(self) -> None:
        """Forget everything."""
        self._connection.execute("DELETE FROM object")

    def dump(self) -> str:
        """The whole content as text, for proofs that something is not in it."""
        return "\n".join(self._connection.iterdump())

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()


def _read(text: str) -> Json:
    value: Json = json.loads(text)
    return value
