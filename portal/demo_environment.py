"""What `manage.py demo` and `seed_demo` set in the environment before the settings are read."""

import os
from collections.abc import Sequence

DEFAULT_PORT = 8000
# The stand-in listens this many ports above the portal.
SANDBOX_OFFSET = 10


def demo_port(arguments: Sequence[str]) -> int:
    """The port of `--port N` or `--port=N`; the default for none or for something unreadable,
    which the command's own parser then reports."""
    for place, argument in enumerate(arguments):
        name, _, value = argument.partition("=")
        if name == "--port":
            text = value or (arguments[place + 1] if place + 1 < len(arguments) else "")
            return int(text) if text.isdigit() else DEFAULT_PORT
    return DEFAULT_PORT


def prepare(arguments: Sequence[str]) -> None:
    """Make this process a local test installation; variables that are set already win."""
    port = demo_port(arguments)
    sandbox = port + SANDBOX_OFFSET
    os.environ.setdefault("DEBUG", "yes")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    os.environ.setdefault("SITE_URL", f"http://localhost:{port}")
    if not os.environ.get("STRIPE_SECRET_KEY"):
        os.environ.setdefault("STRIPE_API_BASE", f"http://127.0.0.1:{sandbox}")
        os.environ.setdefault("STRIPE_PUBLIC_BASE", f"http://localhost:{sandbox}")
