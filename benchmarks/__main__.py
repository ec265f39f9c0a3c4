"""Starts the measurements in surroundings of their own: a production's settings, no gateways.

The environment must be set before Django reads it, hence a program before the program.
"""

import os
import runpy
from pathlib import Path
from tempfile import TemporaryDirectory

import django

# All that is taken over from outside; neither a Redis nor a mail server is ever reached.
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "DATABASE_URL", "DATABASE_URL_FILE")
SURROUNDINGS = {
    "DJANGO_SETTINGS_MODULE": "portal.settings",
    "ALLOWED_HOSTS": "testserver",
    "SITE_URL": "https://testserver",
    "SECRET_KEY": "only-for-measurements-that-nobody-can-reach",
    "STRIPE_SECRET_KEY": "sk_test_benchmarks",
    "STRIPE_WEBHOOK_SECRET": "whsec_benchmarks",
}

if __name__ == "__main__":
    with TemporaryDirectory(prefix="xuka-benchmarks-") as folder:
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        os.environ.clear()
        os.environ.update(kept | SURROUNDINGS | {"DATA_DIR": folder})
        (Path(folder) / "static").mkdir()
        django.setup()
        runpy.run_module("benchmarks.command", run_name="__main__")
