"""One version of each part: the same for a desk, the checks, the image and the compose file."""

import re
import tomllib
from typing import Any

import yaml

from tests.architecture.source import ROOT
from tests.portal.test_env_example import variables_in_settings


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(text_of("docker-compose.yml"))
    return document


def first(pattern: str, name: str) -> str:
    match = re.search(pattern, text_of(name), flags=re.MULTILINE)
    assert match, f"{name} does not say {pattern}"
    return match[1]


def test_python_is_the_same_everywhere() -> None:
    project = tomllib.loads(text_of("pyproject.toml"))
    version = text_of(".python-version").strip()

    assert first(r"^FROM python:(\d+\.\d+)-slim", "Dockerfile") == version
    assert project["tool"]["mypy"]["python_version"] == version
    lowest = project["project"]["requires-python"].removeprefix(">=")
    assert project["tool"]["ruff"]["target-version"] == "py" + lowest.replace(".", "")


def test_postgresql_is_the_same_in_ci_and_compose() -> None:
    image = compose()["services"]["postgres"]["image"]

    assert image == f"postgres:{first(r'^POSTGRES_MAJOR=(\d+)$', '.ci/run')}"


def test_redis_is_the_same_in_ci_and_compose() -> None:
    image = compose()["services"]["redis"]["image"]

    assert image == f"redis:{first(r'^REDIS_MAJOR=(\d+)$', '.ci/run')}"


def test_compose_sets_only_variables_that_the_settings_read() -> None:
    known = set(variables_in_settings())
    known |= {f"{name}_FILE" for name in known}
    images_of_others = {"postgres", "redis", "mailpit"}
    set_there = {
        name
        for service, content in compose()["services"].items()
        if service not in images_of_others
        for name in content.get("environment", {})
    }

    assert set_there - known == set()
    assert {"DEBUG", "DATABASE_URL", "REDIS_URL", "EMAIL_URL"} <= set_there


def test_compose_publishes_on_this_machine_only() -> None:
    ports = [
        port for content in compose()["services"].values() for port in content.get("ports", [])
    ]

    assert ports
    assert [port for port in ports if not str(port).startswith("127.0.0.1:")] == []


def test_ci_and_readers_use_the_same_recipes() -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of("Makefile"), flags=re.MULTILINE))

    assert {"setup", "run", "test", "check", "fix", "demo", "bench", "help"} <= targets
    assert "make check" in text_of(".ci/run")
    assert "uv run pytest" in text_of(".ci/run")
