"""The portal's settings, made fast for tests; nothing a rule depends on is switched off."""

import atexit
import os
import shutil
import tempfile
import uuid

os.environ.setdefault("DEBUG", "yes")
if "DATA_DIR" not in os.environ:
    # Only named here and made in tests/conftest.py: mypy reads this file too and leaves no trace.
    # Set for the workers as well: they are children, share the folder and must not remove it.
    os.environ["DATA_DIR"] = f"{tempfile.gettempdir()}/xuka-tests-{uuid.uuid4().hex}"
    atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)

from portal.settings import *  # noqa: F403 (the environment must be set first)
from portal.settings import DATA_DIR, DATABASES

LOCAL_TEST = DEBUG = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
EMAIL_GATEWAY = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
CELERY_BROKER_URL = "memory://"
# Cheap to empty before each test; tests/portal/test_cache.py tries the real ones.
CACHES = {
    alias: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": alias}
    for alias in ("default", "database")
}
# A file, not memory: threads and live servers need connections of their own. Each xdist worker
# gets its own file (pytest-django adds the worker's name).
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
SIMULATOR_SECONDS = 0
