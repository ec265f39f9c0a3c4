"""Writes the golden files of the messages anew: `uv run tools/update_goldens.py en zh-hans`.

Read the difference before it is committed: it is what customers will get.
"""

import os
import sys
from pathlib import Path

import django
import time_machine

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Write one folder per language named on the command line."""
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from tests.messaging import samples  # noqa: PLC0415 (models load only after setup)

    for language in sys.argv[1:]:
        folder = ROOT / "tests" / "messaging" / "goldens" / language
        folder.mkdir(parents=True, exist_ok=True)
        with time_machine.travel(samples.NOW, tick=False):
            for name in samples.contexts(language):
                for file, text in samples.written(name, language).items():
                    (folder / file).write_text(text, encoding="utf-8")
        print(f"{language}: {len(list(folder.iterdir()))} files")


if __name__ == "__main__":
    main()
