"""Consent with its proof, every answer kept; accounts and signing in."""

from __future__ import annotations

from typing import Any

from central.profiles import identity


def test_an_account_shows_all_that_is_stored_with_every_proof(desk: Any) -> None:
    account = desk.account(history=True, personalisation=False)
    desk.hands.turn(hours=1)
    said = {"granted": True, "text_version": "2026-11", "place": "kiosk 3"}
    path = f"/accounts/{account}/consents/personalisation"
    proof = {
        "purpose": "personalisation", "granted": True, "text_version": "2026-11", "place": "kiosk 3",
        "at": "2026-11-21T11:00:00Z",
    }  # fmt: skip
    assert desk.office("PUT", path, said).json == proof
    desk.hands.turn(hours=1)
    assert desk.office("PUT", path, said).json == proof  # the same answer again is the one already kept
    shown = desk.office("GET", f"/accounts/{account}").json
    first = {"text_version": "1", "place": "account page", "at": "2026-11-21T10:00:00Z"}
    assert shown == {
        "account": account,
        "nickname": "Erika",
        "language": "de",
        "created_at": "2026-11-21T10:00:00Z",
        "consents": {"history": True, "personalisation": True, "loyalty": False, "journey": False},
        "restricted": False,
        "card": None,
        "proofs": [
            {"purpose": "history", "granted": True} | first,
            {"purpose": "personalisation", "granted": False} | first,
            proof,
        ],
    }


def test_giving_consent_is_limited_taking_it_back_never_is(tmp_path: Any, opener: Any) -> None:
    from central.settings import CentralSettings, Limits

    desk = opener(CentralSettings(home=tmp_path, limits=Limits(consent_changes_max=3)))
    account = desk.account()
    path = f"/accounts/{account}/consents/history"

    def say(granted: bool) -> Any:
        return desk.office("PUT", path, {"granted": granted, "text_version": "1", "place": "here"})

    assert [say(False).status_code, say(True).status_code] == [200, 429]
    assert say(False).status_code == 200
    assert desk.office("GET", f"/accounts/{account}").json["consents"]["history"] is False
    desk.centre.close()


def test_a_sign_in_key_opens_its_account_until_it_is_unlinked(desk: Any) -> None:
    ask = {
        "nickname": "Erika", "language": "en", "place": "here",
        "consents": {"history": False, "personalisation": False},
    }  # fmt: skip
    opened = desk.office("POST", "/accounts", ask).json
    assert desk.office("POST", "/sessions", {"key": opened["key"]}).json == {"account": opened["account"]}
    assert desk.office("POST", "/sessions", {"key": opened["key"] + "x"}).status_code == 401
    with desk.centre.database.write("people") as connection:
        assert identity.unlink(connection, identity.SIGN_IN, opened["key"])
        assert not identity.unlink(connection, identity.SIGN_IN, opened["key"])
    assert desk.office("POST", "/sessions", {"key": opened["key"]}).status_code == 401
