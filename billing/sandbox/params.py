"""What the caller sent: Stripe's bracket notation decoded, and each value checked with its name."""

import re
from collections.abc import Collection
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from billing.sandbox.errors import ApiError

# Limits of the real API: a flood of brackets is refused before it costs memory.
MAX_FIELDS = 2000
MAX_DEPTH = 8
MAX_TEXT = 5000
MAX_METADATA_KEYS = 50
MAX_METADATA_KEY = 40
MAX_METADATA_VALUE = 500

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)\Z")


def decode(encoded: str) -> dict[str, Any]:
    """`line_items[0][price_data][currency]=thb` and its like to nested dicts and lists."""
    try:
        # Bytes that are no UTF-8 arrive as lone surrogates, which cannot be written again.
        encoded.encode()
        pairs = parse_qsl(
            encoded,
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError as error:
        raise ApiError("The request body is not valid form data in UTF-8.") from error
    root: dict[str, Any] = {}
    for name, value in pairs:
        _place(root, _path(name), value)
    return {name: value if name == "metadata" else _lists(value) for name, value in root.items()}


def _path(name: str) -> list[str]:
    match = _NAME.match(name)
    if match is None:
        raise ApiError(f"Invalid parameter name: {name[:80]}", code="parameter_unknown")
    path = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
    if len(path) > MAX_DEPTH:
        raise ApiError(f"Parameters are nested too deeply: {name[:80]}")
    return path


def _place(root: dict[str, Any], path: list[str], value: str) -> None:
    here = root
    for step in path[:-1]:
        inner = here.setdefault(step or str(len(here)), {})
        if not isinstance(inner, dict):
            raise ApiError(f"Invalid hash: {path[0]}", param=path[0])
        here = inner
    last = path[-1] or str(len(here))
    if isinstance(here.get(last), dict):
        raise ApiError(f"Invalid string: {path[0]}", param=path[0])
    here[last] = value


def _lists(value: Any) -> Any:
    """Hashes whose keys are 0, 1, 2 … are arrays; metadata is not, whatever its keys are."""
    if not isinstance(value, dict):
        return value
    inner = {name: part if name == "metadata" else _lists(part) for name, part in value.items()}
    if inner and list(inner) == [str(number) for number in range(len(inner))]:
        return list(inner.values())
    return inner


class Fields:
    """One level of decoded parameters; every refusal names the parameter as Stripe would."""

    def __init__(self, values: dict[str, Any], path: str = "") -> None:
        self._values = values
        self._path = path

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def is_text(self, name: str) -> bool:
        """True when the parameter came as a plain value, not as a hash or an array."""
        return isinstance(self._values.get(name), str)

    def take(self, name: str) -> list[str]:
        """Remove a list of texts, so that it is not met again as an unknown parameter."""
        value = self.texts(name)
        self._values.pop(name, None)
        return value

    def label(self, name: str) -> str:
        """The parameter's whole name, e.g. `line_items[0][quantity]`."""
        return f"{self._path}[{name}]" if self._path else name

    def allow(self, names: Collection[str]) -> "Fields":
        """Refuse every parameter that the pinned API version does not name."""
        for name in self._values:
            if name not in names:
                label = self.label(name)
                raise ApiError(
                    f"Received unknown parameter: {label}", code="parameter_unknown", param=label
                )
        return self

    def text(self, name: str, *, limit: int = MAX_TEXT) -> str | None:
        """A text, or None when it was not sent."""
        value = self._values.get(name)
        if value is None:
            return None
        label = self.label(name)
        if not isinstance(value, str):
            raise ApiError(f"Invalid string: {label}", param=label)
        if not value:
            message = f"You passed an empty string for '{label}'. Leave it out instead."
            raise ApiError(message, code="parameter_invalid_empty", param=label)
        if len(value) > limit:
            raise ApiError(f"Invalid string: {label} is longer than {limit}.", param=label)
        return value

    def needed(self, name: str) -> str:
        """A text that must be there."""
        value = self.text(name)
        if value is None:
            raise self.lacks(name)
        return value

    def lacks(self, name: str) -> ApiError:
        """The refusal for a required parameter that was not sent."""
        label = self.label(name)
        message = f"Missing required param: {label}."
        return ApiError(message, code="parameter_missing", param=label)

    def choice(self, name: str, choices: Collection[str]) -> str | None:
        """One of the known words."""
        value = self.text(name)
        if value is not None and value not in choices:
            label = self.label(name)
            known = ", ".join(sorted(choices))
            raise ApiError(f"Invalid {label}: must be one of {known}", param=label)
        return value

    def whole(self, name: str, *, low: int = 0, high: int = 10**12) -> int | None:
        """A whole number between `low` and `high`."""
        value = self.text(name)
        if value is None:
            return None
        label = self.label(name)
        # isdecimal would let other scripts' digits through.
        if re.fullmatch(r"-?[0-9]{1,15}", value) is None:
            raise ApiError(
                f"Invalid integer: {value[:40]}", code="parameter_invalid_integer", param=label
            )
        number = int(value)
        if not low <= number <= high:
            message = f"Invalid integer: {label} must be between {low} and {high}."
            raise ApiError(message, code="parameter_invalid_integer", param=label)
        return number

    def flag(self, name: str) -> bool | None:
        """`true` or `false`."""
        value = self.choice(name, ("true", "false"))
        return None if value is None else value == "true"

    def url(self, name: str) -> str | None:
        """An absolute http or https address."""
        value = self.text(name)
        if value is not None and not is_web_address(value):
            raise ApiError("Not a valid URL", code="url_invalid", param=self.label(name))
        return value

    def inside(self, name: str, names: Collection[str] | None = None) -> "Fields":
        """The hash below `name` (empty when not sent), its names checked when a list is given."""
        value = self._values.get(name, {})
        label = self.label(name)
        if not isinstance(value, dict):
            raise ApiError(f"Invalid object: {label}", param=label)
        fields = Fields(value, label)
        return fields if names is None else fields.allow(names)

    def rows(self, name: str, names: Collection[str]) -> list["Fields"]:
        """The array of hashes below `name`."""
        value = self._values.get(name, [])
        label = self.label(name)
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            raise ApiError(f"Invalid array: {label}", param=label)
        return [Fields(row, f"{label}[{n}]").allow(names) for n, row in enumerate(value)]

    def texts(self, name: str) -> list[str]:
        """The array of texts below `name`."""
        value = self._values.get(name, [])
        label = self.label(name)
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            raise ApiError(f"Invalid array: {label}", param=label)
        return list(value)

    def metadata(self) -> dict[str, str]:
        """Free pairs of texts within Stripe's limits; an empty value means no pair."""
        value = self._values.get("metadata", {})
        label = self.label("metadata")
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            raise ApiError(f"Invalid object: {label}", param=label)
        if len(value) > MAX_METADATA_KEYS:
            raise ApiError(f"Metadata can have up to {MAX_METADATA_KEYS} keys.", param=label)
        for key, text in value.items():
            if len(key) > MAX_METADATA_KEY or len(text) > MAX_METADATA_VALUE:
                message = (
                    f"Metadata keys can have up to {MAX_METADATA_KEY} characters, "
                    f"values up to {MAX_METADATA_VALUE}."
                )
                raise ApiError(message, param=f"{label}[{key[:MAX_METADATA_KEY]}]")
        return {key: text for key, text in value.items() if text}


def is_web_address(text: str) -> bool:
    """True for an absolute http(s) address with a host and without blanks."""
    if re.search(r"\s", text):
        return False
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").encode("idna").decode()
        # Looking at the port is what checks it.
        whole = parts.port is None or parts.port > 0
    except ValueError:
        return False
    # The host ends up in a page's policy, where a semicolon would begin another rule.
    return whole and parts.scheme in {"http", "https"} and bool(re.fullmatch(r"[\w.:-]+", host))
