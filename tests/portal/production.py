"""Surroundings like those of a real installation, and a way to start `manage.py` in them."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

PRODUCTION = {
    "ALLOWED_HOSTS": "portal.example.com",
    "SECRET_KEY": "k9V-3bTq7LzXw2cYp5RnJ8sDf4Gh1Mu6Ea0Oi_WvUtQyBxZrNkPlCjHgFdSaKeIo",
    "SITE_URL": "https://portal.example.com",
    "EMAIL_URL": "smtp+tls://portal:secret@mail.example.com:587",
    "STRIPE_SECRET_KEY": "sk_test_example",
    "STRIPE_WEBHOOK_SECRET": "whsec_example",
}


def manage(
    *arguments: str, data_dir: Path, **changed: str | None
) -> subprocess.CompletedProcess[str]:
    """Run manage.py with PRODUCTION and nothing else of ours set; None takes a variable away."""
    variables = {**PRODUCTION, "DATA_DIR": str(data_dir), **changed}
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", *arguments],
        cwd=ROOT,
        env={**kept, **{name: value for name, value in variables.items() if value is not None}},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
