"""The portal starts with right settings and refuses wrong ones, each by name."""

from pathlib import Path

import pytest

from tests.portal.production import manage


@pytest.mark.processes
def test_a_production_environment_passes_every_check_without_a_warning(tmp_path: Path) -> None:
    result = manage("check", "--deploy", "--fail-level", "WARNING", data_dir=tmp_path)

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("System check identified no issues")


@pytest.mark.processes
@pytest.mark.parametrize(
    ("variable", "value", "complaint"),
    [
        ("SECRET_KEY", None, "SECRET_KEY (or SECRET_KEY_FILE) must be set"),
        ("SECRET_KEY_FILE", "/nowhere", "Set SECRET_KEY or SECRET_KEY_FILE, not both"),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS must name"),
        ("DEBUG", "ture", "DEBUG must be one of"),
        ("REDIS_URL", "localhost:6379", "REDIS_URL must begin with"),
        ("EMAIL_URL", "mail.example.com", "EMAIL_URL must begin with"),
        ("TRUSTED_PROXY_COUNT", "9", "TRUSTED_PROXY_COUNT must lie between 0 and 5"),
    ],
)
def test_the_start_is_refused_with_a_wrong_value(
    tmp_path: Path, variable: str, value: str | None, complaint: str
) -> None:
    result = manage("check", data_dir=tmp_path, **{variable: value})

    assert result.returncode != 0
    assert complaint in result.stderr
