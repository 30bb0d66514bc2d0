"""The API's document is valid OpenAPI 3.1, and it and the application are one and the same."""

from __future__ import annotations

import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from central.api.about import ROUTES
from central.api.problems import KINDS

# OpenAPI 3.1.0, section 4.8, as far as this document uses it.
_OPERATION = {
    "type": "object",
    "required": ["operationId", "summary", "security", "responses"],
    "additionalProperties": False,
    "properties": {
        "operationId": {"type": "string", "pattern": "^[a-zA-Z]+$"},
        "summary": {"type": "string"},
        "security": {"type": "array", "items": {"type": "object", "additionalProperties": {"type": "array"}}},
        "parameters": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "in", "schema"],
                "properties": {"in": {"enum": ["path", "query"]}, "required": {"const": True}},
            },
        },
        "requestBody": {"type": "object", "required": ["content"]},
        "responses": {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": "^[2-5][0-9][0-9]$"},
            "additionalProperties": {"type": "object", "required": ["description"]},
        },
    },
}
_DOCUMENT = {
    "type": "object",
    "required": ["openapi", "info", "paths", "components"],
    "additionalProperties": False,
    "properties": {
        "openapi": {"const": "3.1.0"},
        "info": {"type": "object", "required": ["title", "version"]},
        "servers": {"type": "array", "items": {"type": "object", "required": ["url"]}},
        "components": {"type": "object", "required": ["schemas", "securitySchemes"]},
        "paths": {
            "type": "object",
            "propertyNames": {"pattern": "^/"},
            "additionalProperties": {
                "type": "object",
                "propertyNames": {"enum": ["get", "post", "put", "delete"]},
                "additionalProperties": _OPERATION,
            },
        },
    },
}


@pytest.fixture
def document(desk: Any) -> Any:
    answer = desk.ask("GET", "/openapi.json")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    return answer.json


def _walk(value: Any) -> Any:
    yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _walk(inner)


def test_the_document_is_valid(document: Any) -> None:
    Draft202012Validator(_DOCUMENT).validate(document)
    schemas = document["components"]["schemas"]
    for value in _walk(document):
        if isinstance(value, dict) and "schema" in value:
            Draft202012Validator.check_schema(value["schema"])
        if isinstance(value, dict) and isinstance(value.get("$ref"), str):
            assert value["$ref"].removeprefix("#/components/schemas/") in schemas
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)


def test_every_rule_of_the_application_is_in_it_and_nothing_else(desk: Any, document: Any) -> None:
    rules = {
        (method.lower(), re.sub(r"<(\w+)>", r"{\1}", rule.rule))
        for rule in desk.client.application.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD"}
    }
    said = {(method, path) for path, methods in document["paths"].items() for method in methods}
    assert rules == said
    assert len(said) == len(ROUTES)


def test_paths_and_their_parameters_agree(document: Any) -> None:
    for path, methods in document["paths"].items():
        for operation in methods.values():
            named = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
            assert named == set(re.findall(r"\{(\w+)\}", path))


def test_what_comes_out_is_what_the_document_says(desk: Any, document: Any) -> None:
    account = desk.account()
    desk.hand_in([desk.sale("", "9521234000013"), {}])
    answers = {
        ("post", "/events"): desk.hand_in([desk.sale("v1", "9521234000013"), 5]),
        ("post", "/visits"): desk.store("POST", "/visits", {"visit": "v1", "token": desk.token(account)}),
        ("get", "/keys"): desk.ask("GET", "/keys"),
        ("get", "/health"): desk.ask("GET", "/health"),
        ("get", "/stores"): desk.office("GET", "/stores"),
        ("get", "/alarms"): desk.office("GET", "/alarms"),
        ("post", "/claims"): desk.store(
            "POST", "/claims", {"paper": "coupon", "id": "x", "basket": "b1", "times_max": 1}
        ),
        ("post", "/trials"): desk.office(
            "POST",
            "/trials",
            data='[promotions.w]\nkind = "percent"\nterms = { percent = 5 }\n',
            content_type="application/toml",
        ),
        ("get", "/accounts/{account}"): desk.office("GET", f"/accounts/{account}"),
        ("get", "/accounts/{account}/timeline"): desk.office("GET", f"/accounts/{account}/timeline"),
        ("get", "/accounts/{account}/identity"): desk.office("GET", f"/accounts/{account}/identity"),
        ("post", "/accounts/{account}/copies"): desk.office("POST", f"/accounts/{account}/copies"),
        ("post", "/accounts/{account}/objection"): desk.office(
            "POST", f"/accounts/{account}/objection", {"text_version": "1", "place": "account page"}
        ),
        ("post", "/accounts/{account}/gpc"): desk.office(
            "POST", f"/accounts/{account}/gpc", {"text_version": "1"}
        ),
        ("post", "/links"): desk.office(
            "POST",
            "/links",
            {
                "one": {"kind": "account", "value": account},
                "another": {"kind": "email", "value": "e@x.de"},
                "proof": "code_confirmed",
            },
        ),
        ("post", "/lookups"): desk.office("POST", "/lookups", {"kind": "email", "value": "e@x.de"}),
        ("get", "/reviews"): desk.office("GET", "/reviews"),
        ("get", "/blocks"): desk.office("GET", "/blocks"),
        ("get", "/register"): desk.office("GET", "/register"),
        ("post", "/parked/replay"): desk.office("POST", "/parked/replay"),
        ("post", "/accounts/{account}/tokens"): desk.office("POST", f"/accounts/{account}/tokens"),
        ("delete", "/accounts/{account}"): desk.office("DELETE", f"/accounts/{account}"),
    }
    for (method, path), answer in answers.items():
        responses = document["paths"]["/api/v1" + path][method]["responses"]
        assert str(answer.status_code) in responses, (path, answer.status_code)
        if answer.status_code != 204:
            _fits(document, responses[str(answer.status_code)]["content"][answer.content_type], answer.json)


def test_every_problem_is_somewhere_and_has_its_shape(desk: Any, document: Any) -> None:
    assert {name for route in ROUTES for name in route.problems} == set(KINDS) - {
        "not-found", "method-not-allowed",
    }  # fmt: skip
    answer = desk.store("POST", "/visits", {"visit": "v1", "token": "0" * 32})
    responses = document["paths"]["/api/v1/visits"]["post"]["responses"]
    _fits(document, responses["404"]["content"]["application/problem+json"], answer.json)


def _fits(document: Any, media: Any, value: Any) -> None:
    schema = media["schema"] | {"components": document["components"]}
    Draft202012Validator(schema).validate(value)


def test_people_can_read_it_too(desk: Any) -> None:
    page = desk.ask("GET", "/docs")
    assert page.content_type == "text/html; charset=utf-8"
    assert "<script" not in page.text
    assert "style=" not in page.text
    for route in ROUTES:
        assert f"{route.method} /api/v1{route.path}" in page.text
    anchors = set(re.findall(r'id="([^"]+)"', page.text))
    assert set(re.findall(r'href="#([^"]+)"', page.text)) <= anchors
