"""Public ids: random, never sequential, easy to read aloud (no 0, 1, I, L, O, U)."""

import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_public_id(prefix: str = "", *, length: int = 10) -> str:
    """Return `prefix` and `length` random signs; 10 signs are 49 bits, checked by a unique key."""
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(length))


def new_line_id() -> str:
    """A line's id in URLs, e.g. `7KQ2M9XW4D`."""
    return new_public_id()
