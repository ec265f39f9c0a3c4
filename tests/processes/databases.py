"""Databases of an installation's own: migrated and seeded once, then copied for each test."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
from django.db import connection
from psycopg.sql import SQL, Composed, Identifier
from pytest_django import DjangoDbBlocker

from portal import env

# Where the suite itself runs; without it, everything is SQLite files.
SUITE_URL = env.secret("DATABASE_URL", "")
ON_POSTGRESQL = urlsplit(SUITE_URL).scheme in {"postgresql", "postgres"}


class Database:
    """One database on the suite's engine: a file, or one made on the suite's server.

    `name` is what Django calls NAME, `url` what DATABASE_URL holds.
    """

    def __init__(self, folder: Path, *, template: "Database | None" = None) -> None:
        if ON_POSTGRESQL:
            self.name = f"xuka_processes_{uuid4().hex[:12]}"
            self.url = _server_url(self.name)
            source = SQL(" TEMPLATE {}").format(Identifier(template.name)) if template else SQL("")
            _on_server(SQL("CREATE DATABASE {}").format(Identifier(self.name)) + source)
            return
        self.name = str(folder / "installation.sqlite3")
        self.url = f"sqlite:///{self.name}"
        if template is not None:
            # What is still in the write-ahead log belongs to the copy as well.
            with closing(sqlite3.connect(template.name)) as file:
                file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            shutil.copyfile(template.name, self.name)

    def drop(self) -> None:
        """Take it away, whoever is still connected; files go with their folder."""
        if ON_POSTGRESQL:
            _on_server(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(self.name)))

    @contextmanager
    def opened(self, blocker: DjangoDbBlocker) -> Iterator[None]:
        """Let the ORM and every service of this process work on this database for a while."""
        settings = connection.settings_dict
        before = settings["NAME"]
        connection.close()
        settings["NAME"] = self.name
        try:
            with blocker.unblock():
                yield
        finally:
            connection.close()
            settings["NAME"] = before


def _server_url(name: str) -> str:
    return urlsplit(SUITE_URL)._replace(path=f"/{name}").geturl()


def _on_server(statement: Composed) -> None:
    with psycopg.connect(_server_url("postgres"), autocommit=True) as server:
        server.execute(statement)
