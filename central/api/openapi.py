"""The OpenAPI 3.1 document, made from the route table and the very Structs that check the bodies."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec

from central.api import stores
from central.api.problems import KINDS, MEDIA, PREFIX, Problem
from central.api.route import BASE, Route
from central.envelope import Event

_REF = "#/components/schemas/{name}"
Schema = dict[str, Any]


def document(routes: Sequence[Route]) -> Schema:
    """The whole document as plain values, ready for JSON."""
    structs: set[type[msgspec.Struct]] = {Problem, Event}
    structs |= {s for route in routes for s in (route.takes, route.gives) if s}
    ordered = sorted(structs, key=lambda struct: struct.__name__)
    schemas, components = msgspec.json.schema_components(ordered, schema_hook=_raw, ref_template=_REF)
    paths: dict[str, Schema] = defaultdict(dict)
    for route in routes:
        paths[BASE + route.path][route.method.lower()] = _operation(
            route, dict(zip(ordered, schemas, strict=True))
        )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Emma, head office",
            "version": "1",
            "description": "One customer over all touchpoints, as far as the customer agrees.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": dict(paths),
        "components": {
            "schemas": components,
            "securitySchemes": {
                "store": {"type": "http", "scheme": "bearer", "description": "A store's key."},
                "office": {"type": "http", "scheme": "bearer", "description": "An office client's key."},
            },
        },
    }


def _operation(route: Route, schemas: dict[type[msgspec.Struct], Schema]) -> Schema:
    operation: Schema = {
        "operationId": route.name,
        "summary": route.summary,
        "security": [{route.needs: []}] if route.needs else [],
        "responses": _responses(route, schemas),
    }
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)\}", route.path)
    ]
    parameters += [{"name": name, "in": "query", "schema": {"type": "string"}} for name in route.query]
    if parameters:
        operation["parameters"] = parameters
    if route.takes:
        one = schemas[route.takes]
        content = {
            media: {"schema": {"type": "array", "items": one} if media == stores.BATCH else one}
            for media in route.reads
        }
        operation["requestBody"] = {"required": True, "content": content}
    elif route.reads:
        content = {media: {"schema": {"type": "string"}} for media in route.reads}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _responses(route: Route, schemas: dict[type[msgspec.Struct], Schema]) -> Schema:
    good: Schema = {"description": route.summary}
    if route.status != 204:
        schema = schemas[route.gives] if route.gives else {}
        good["content"] = {route.media_out: {"schema": schema}}
    responses: Schema = {str(route.status): good}
    by_status: dict[int, list[str]] = defaultdict(list)
    for name in route.problems:
        by_status[KINDS[name].status].append(name)
    for status, names in sorted(by_status.items()):
        types = [PREFIX + name for name in names]
        schema = {"allOf": [{"$ref": _REF.format(name="Problem")}, {"properties": {"type": {"enum": types}}}]}
        said = " ".join(KINDS[name].title for name in names)
        responses[str(status)] = {"description": said, "content": {MEDIA: {"schema": schema}}}
    return responses


def _raw(kind: type) -> Schema:
    """An event's data is whatever its type says; `tests/contracts/events` has one of each."""
    if kind is msgspec.Raw:
        return {"type": "object", "description": "The event's own fields: ids and facts."}
    raise NotImplementedError
