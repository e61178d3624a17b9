"""The errors localaws answers with: the service's own form, never an empty success."""


class ApiError(Exception):
    """An AWS error answer: `code` as the service names it, `message` for people, HTTP `status`."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


def not_implemented(service: str, operation: str, needs: str) -> ApiError:
    """Return the refusal for an operation localaws lacks; 501, because botocore retries no 501."""
    text = f"localaws does not implement {service}:{operation}: {needs}"
    return ApiError("NotImplementedException", text, 501)
