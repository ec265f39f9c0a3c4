"""How a setting gets its value from the environment; a wrong value stops the start and names it."""

import os
import re
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off"})
# How a secret may be called, and how many there may be: the old one and the new one.
SECRET_NAME = re.compile(r"[A-Za-z0-9._-]{1,40}")
MOST_SECRETS = 2


def text(name: str, default: str | None = None, *, choices: tuple[str, ...] = ()) -> str:
    """Return the variable as text; without a default it is required.

    Raises ImproperlyConfigured when it is missing or not one of `choices`.
    """
    value = os.environ.get(name, "").strip() or default
    if value is None:
        raise ImproperlyConfigured(f"{name} must be set in the environment.")
    if choices and value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
    return value


def flag(name: str, *, default: bool) -> bool:
    """Return the variable as a boolean; raises ImproperlyConfigured for any unknown word."""
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    if value in TRUE_WORDS:
        return True
    if value in FALSE_WORDS:
        return False
    raise ImproperlyConfigured(f"{name} must be one of yes, no, true, false, 1, 0; not {value!r}.")


def number(name: str, default: int, *, minimum: int = 0, maximum: int = 10**9) -> int:
    """Return the variable as an integer within bounds; raises ImproperlyConfigured otherwise."""
    value = os.environ.get(name, "").strip()
    if not value:
        return default
    try:
        result = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from None
    if not minimum <= result <= maximum:
        raise ImproperlyConfigured(f"{name} must lie between {minimum} and {maximum}.")
    return result


def secret(name: str, default: str | None = None) -> str:
    """Return a secret from NAME or from the file that NAME_FILE points to (container secrets).

    Raises ImproperlyConfigured when both are given, the file cannot be read, or neither is set
    and there is no default. The message never contains the value.
    """
    direct = os.environ.get(name, "").strip()
    path = os.environ.get(f"{name}_FILE", "").strip()
    if direct and path:
        raise ImproperlyConfigured(f"Set {name} or {name}_FILE, not both.")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(
                f"{name}_FILE points to {path}, which cannot be read."
            ) from error
    if direct:
        return direct
    if default is None:
        raise ImproperlyConfigured(f"{name} (or {name}_FILE) must be set in the environment.")
    return default


def named_secrets(name: str, *, shortest: int = 1) -> dict[str, str]:
    """Return secrets by their names: `name:secret`, two parted by a comma while one is changed.

    Raises ImproperlyConfigured for any other shape, and for a secret of fewer than `shortest`
    signs. The message never contains a secret.
    """
    found: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in secret(name, "").split(","))):
        called, _, value = part.partition(":")
        if not SECRET_NAME.fullmatch(called) or len(value) < shortest or called in found:
            raise ImproperlyConfigured(
                f"{name} must be name:secret, each name once, with at least {shortest} signs."
            )
        found[called] = value
    if len(found) > MOST_SECRETS:
        raise ImproperlyConfigured(f"{name} may hold {MOST_SECRETS} secrets at once, no more.")
    return found


def names(name: str, default: str = "") -> list[str]:
    """Return a list from a variable of words parted by commas."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def port(name: str, url: str) -> int | None:
    """Return the port of a URL, if any; raises ImproperlyConfigured when it is not a number."""
    try:
        return urlsplit(url).port
    except ValueError:
        raise ImproperlyConfigured(f"{name} has a port that is not a number.") from None


def database(name: str, default_path: Path) -> dict[str, object]:
    """Return Django's database entry for a URL, or SQLite at `default_path` without one.

    Accepts `postgresql://user:password@host:port/name?option=…` and `sqlite:///path`.
    SQLite runs in WAL mode and takes the write lock when a transaction begins, so that a read
    that turns into a write cannot fail in the middle (DESIGN.md section 6).
    Raises ImproperlyConfigured for any other scheme.
    """
    url = secret(name, f"sqlite:///{default_path}")
    parts = urlsplit(url)
    if parts.scheme in {"postgresql", "postgres"}:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(port(name, url) or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {"connect_timeout": 5, **dict(parse_qsl(parts.query))},
        }
    if url.startswith("sqlite:///"):
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": url.removeprefix("sqlite:///"),
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    raise ImproperlyConfigured(f"{name} must begin with postgresql:// or sqlite:///.")
