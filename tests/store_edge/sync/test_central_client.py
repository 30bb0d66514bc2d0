"""The client's two kinds of no: head office is away, or head office refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import httpx
import pytest

from store_edge.sync.central_client import HeadOffice, HeadOfficeAway, HeadOfficeRefused

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def answering(status: str, body: bytes, seen: dict[str, Any] | None = None) -> HeadOffice:
    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if seen is not None:
            seen.update(environ)
        start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    return HeadOffice("http://head-office.internal/", "k3y", httpx.WSGITransport(app=app))


@pytest.mark.parametrize("status", ["500 Oops", "503 Later", "429 Slowly"])
def test_a_head_office_that_cannot_now_is_away(status: str) -> None:
    with pytest.raises(HeadOfficeAway):
        answering(status, b"{}").deliver([])


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff", b"[]", b"null", b"{}", b'{"refused":[1]}'])
def test_an_answer_that_is_none_is_away(body: bytes) -> None:
    with pytest.raises(HeadOfficeAway):
        answering("200 OK", body).deliver([])


def test_a_visit_answered_by_nonsense_is_not_answered() -> None:
    with pytest.raises(HeadOfficeAway):
        answering("200 OK", b'{"personal":"perhaps"}').visit("v1", "EMMA1.x.y", "1", 1.0)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b'{"type":"urn:emma:problem:token-used"}', "token-used"),
        (b'{"type":"https://emma.example/problems/token-used"}', "token-used"),
        (b'{"type":"/problems/token-unknown/"}', "token-unknown"),
        (b"{}", "unknown"),
        (b"[]", "unknown"),
        (b"no", "unknown"),
    ],
)
def test_a_refusal_names_its_problem(body: bytes, problem: str) -> None:
    with pytest.raises(HeadOfficeRefused) as refused:
        answering("409 No", body).visit("v1", "EMMA1.x.y", "1", 1.0)
    assert (refused.value.status, refused.value.problem) == (409, problem)


def test_a_key_that_is_none_is_not_taken() -> None:
    with pytest.raises(HeadOfficeAway):
        answering("200 OK", b'{"keys":[{"kid":"a","alg":"Ed25519","public":"*"}]}').public_keys()


def test_every_call_shows_the_stores_key() -> None:
    seen: dict[str, Any] = {}
    answering("200 OK", b'{"accepted":0,"repeated":0,"refused":[]}', seen).deliver([])
    assert seen["HTTP_AUTHORIZATION"] == "Bearer k3y"
    assert (seen["PATH_INFO"], seen["CONTENT_TYPE"]) == (
        "/api/v1/events",
        "application/cloudevents-batch+json",
    )
