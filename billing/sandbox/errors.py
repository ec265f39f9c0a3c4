"""How the stand-in says no: one exception that becomes Stripe's error JSON."""

from typing import Any


class ApiError(Exception):
    """An answer other than 200, in the shape that the official SDK turns into its exceptions."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        details: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param
        self.details = details or {}

    def body(self) -> dict[str, Any]:
        """The JSON that is sent; empty fields are left out, as Stripe does."""
        fields = {"code": self.code, "message": self.message, "param": self.param}
        fields |= {"type": self.kind} | self.details
        return {"error": {name: value for name, value in fields.items() if value is not None}}


def missing(kind: str, object_id: str, *, param: str = "id", status: int = 404) -> ApiError:
    """An id that names nothing; 404 in the address, 400 inside a body."""
    message = f"No such {kind.replace('checkout.', '')}: '{object_id}'"
    return ApiError(message, status=status, code="resource_missing", param=param)


def unexpected_state(message: str) -> ApiError:
    """The object exists, but this cannot be done to it any more."""
    return ApiError(message, code="payment_intent_unexpected_state")
