"""What OpenAPI says of every operation besides its own answers: the problems that it can end in."""

from __future__ import annotations

import re
from typing import Any

from drf_spectacular.utils import OpenApiResponse

PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "example": "urn:plaza:invalid"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "invalid-params": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "reason"],
                "properties": {"name": {"type": "string"}, "reason": {"type": "string"}},
            },
        },
    },
}
ALWAYS = {"400": "What was sent cannot be accepted", "429": "Too many requests", "503": "A database does not answer",
          "406": "None of the offered types", "405": "Not this method"}  # fmt: skip
WITH_BODY = {"413": "Too large", "415": "Not JSON"}
WITH_USER = {"401": "No or an expired token", "403": "Not yours"}
WITH_PATH = {"404": "There is nothing at this address, or it is not for you"}
BY_HEADER = {
    "Idempotency-Key": {"409": "Somebody was first", "422": "This key was sent with another request"},
    "If-Match": {"412": "It was changed since it was read", "428": "No If-Match was sent"},
}
MEANINGS = {401: "Not with these", 403: "Not for you", 404: "It is not there", 409: "Somebody was first",
            410: "It was here and is gone", 413: "Too large", 415: "Not this kind of file",
            422: "It is not what it seems to be"}  # fmt: skip
METHODS = ("get", "post", "put", "patch", "delete")


def problems(*statuses: int) -> dict[int, OpenApiResponse]:
    """For ``extend_schema(responses={…, **problems(410)})``: problems that not every operation can end in."""
    return {status: OpenApiResponse(description=MEANINGS[status]) for status in statuses}


def mapped(value: dict[str, Any]) -> dict[str, Any]:
    """An answer that has something for each id."""
    return {"type": "object", "additionalProperties": value}


def add_problems(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A postprocessing hook of drf-spectacular."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            if method in METHODS:
                _add(operation, "{" in path)
    return result


def _add(operation: dict[str, Any], has_path: bool) -> None:
    if said := operation.get("description"):  # the page shows a summary beside the address
        operation.setdefault("summary", re.split(r"[.;:](?:\s|$)", said, maxsplit=1)[0])
    wanted = dict(ALWAYS)
    if "requestBody" in operation:
        wanted |= WITH_BODY
    if operation.get("security") and {} not in operation["security"]:
        wanted |= WITH_USER
    elif any(operation.get("security", ())):  # for everybody, and a token that is sent must be good
        wanted["401"] = WITH_USER["401"]
    if has_path:
        wanted |= WITH_PATH
    for parameter in operation.get("parameters", ()):
        wanted |= BY_HEADER.get(parameter["name"], {})
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status, meaning in wanted.items():
        operation["responses"].setdefault(status, {"description": meaning})
    for status, answer in operation["responses"].items():
        if status.startswith(("4", "5")):
            answer["content"] = content
