"""What the query of an address asks for."""

from __future__ import annotations

import uuid
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.serializers import Serializer

MOST_IDS = 100
IDS = [OpenApiParameter("ids", str, required=True, description=f"ids with commas between them, {MOST_IDS} at most")]


def asked(form: type[Any], request: Request) -> Any:
    """The query as the form understands it; what it refuses is a 400 with the fields at fault."""
    found = form(data=request.query_params)
    found.is_valid(raise_exception=True)
    return found.validated_data


def words(request: Request, name: str, longest: int) -> str:
    """A text that must be there."""
    said = request.query_params.get(name, "").strip()
    if not said or len(said) > longest or "\0" in said:
        raise exceptions.ValidationError({name: f"Expected 1 to {longest} characters."})
    return said


def flag(request: Request, name: str) -> bool:
    """Whether it is asked for; what is not there is not."""
    said = request.query_params.get(name, "false").lower()
    if said not in ("1", "true", "0", "false"):
        raise exceptions.ValidationError({name: "Expected true or false."})
    return said in ("1", "true")


def ids(request: Request) -> list[uuid.UUID]:
    """What ``?ids=`` asks for, each once."""
    parts = [part for part in request.query_params.get("ids", "").split(",") if part]
    if not 1 <= len(parts) <= MOST_IDS:
        raise exceptions.ValidationError({"ids": f"Expected 1 to {MOST_IDS} ids with commas between them."})
    try:
        return list(dict.fromkeys(uuid.UUID(part) for part in parts))
    except ValueError:
        raise exceptions.ValidationError({"ids": "One of these is no id."}) from None


def fields(form: type[Serializer[Any]]) -> list[OpenApiParameter]:
    """How the OpenAPI describes ``?fields=`` for answers of this form."""
    names = {"type": "array", "items": {"type": "string", "enum": sorted(form().fields)}}
    said = "names with commas between them: only these are answered, and the id"
    return [OpenApiParameter("fields", names, description=said, style="form", explode=False)]


def chosen(request: Request, form: type[Serializer[Any]], data: dict[str, Any]) -> dict[str, Any]:
    """What ``?fields=`` asks for, and always the id; a name that the form has not is a 400."""
    wanted = request.query_params.get("fields")
    if not wanted:
        return data
    names, known = {name.strip() for name in wanted.split(",")}, set(form().fields)
    if names - known:
        raise exceptions.ValidationError({"fields": f"One of these is no field; there are {', '.join(sorted(known))}."})
    return {name: value for name, value in data.items() if name in names or name == "id"}
