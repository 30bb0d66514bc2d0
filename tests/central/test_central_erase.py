"""Forgetting a person: the key is gone from every byte on disk, receipts stay, nothing brings them back."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import sqlalchemy as sa

from central.db import tables
from central.ingest import dump_state, rebuild
from central.profiles.seal import PersonKey, SealBroken
from central.tokens import verify

MILK = "9521234000013"


def _type(answer: Any) -> str:
    return str(answer.json["type"]).removeprefix("tag:tante-emma.example,2026:problem/")


def _known(desk: Any) -> tuple[str, str, list[Any]]:
    account = desk.account(nickname="Erika-Mustermann")
    card = {"mandate": "mandate-1", "label": "Visa 4242"}
    assert desk.office("PUT", f"/accounts/{account}/card", card).status_code == 204
    token = desk.token(account)
    assert desk.store("POST", "/visits", {"visit": "v1", "token": token}).json["personal"]
    jti = verify(token, desk.centre.signer.public).jti
    events = [desk.identified("v1", jti), desk.sale("v1", MILK)]
    assert desk.hand_in(events).json["accepted"] == 2
    return account, token, events


def test_erasing_takes_the_person_and_leaves_the_receipts(any_desk: Any) -> None:
    desk = any_desk
    account, token, events = _known(desk)
    state = dump_state(desk.centre.database)
    assert desk.office("DELETE", f"/accounts/{account}").status_code == 204
    assert desk.office("DELETE", f"/accounts/{account}").status_code == 204
    assert dump_state(desk.centre.database) == state
    rows = desk.rows()
    for gone in (
        "person_keys",
        "tokens",
        "redemptions",
        "identifiers",
        "cards_on_file",
        "consents",
        "answers",
    ):
        assert rows[gone] == 0, gone
    assert (rows["events"], rows["sales"], rows["persons"]) == (2, 1, 1)
    said = {"granted": True, "text_version": "1", "place": "here"}
    for method, path, json in (
        ("GET", "", None), ("GET", "/timeline", None), ("POST", "/tokens", None),
        ("PUT", "/consents/history", said),
    ):  # fmt: skip
        answer = desk.office(method, f"/accounts/{account}{path}", json)
        assert (answer.status_code, _type(answer)) == (410, "account-erased")
    assert _type(desk.store("POST", "/visits", {"visit": "v1", "token": token})) == "token-unknown"
    # A replay brings nobody back.
    assert desk.hand_in(events).json["repeated"] == 2
    rebuild(desk.centre.database, desk.centre.settings.limits)
    assert dump_state(desk.centre.database) == state
    assert desk.rows() == rows


def test_the_key_is_in_no_byte_on_disk_afterwards(desk: Any) -> None:
    account, _, _ = _known(desk)
    with desk.centre.database.read() as connection:
        key, sealed = connection.execute(
            sa.select(tables.person_keys.c.key, tables.persons.c.sealed).join(
                tables.persons, tables.persons.c.account == tables.person_keys.c.account
            )
        ).one()
    assert desk.centre.database.wipe_journal()  # the key has come to lie in the file itself
    assert bytes(key) in _on_disk(desk)
    assert b"Erika-Mustermann" not in _on_disk(desk)
    assert desk.office("DELETE", f"/accounts/{account}").status_code == 204
    assert bytes(key) not in _on_disk(desk)
    assert bytes(sealed) not in _on_disk(desk)


def _on_disk(desk: Any) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(desk.centre.settings.home.glob("central.db*")))


def test_others_are_left_alone(desk: Any) -> None:
    account, _, _ = _known(desk)
    otto = desk.account(nickname="Otto")
    token = desk.token(otto)
    assert desk.office("DELETE", f"/accounts/{account}").status_code == 204
    assert desk.office("GET", f"/accounts/{otto}").json["nickname"] == "Otto"
    assert desk.store("POST", "/visits", {"visit": "v7", "token": token}).json["greeting"] == "Otto"


def test_a_reader_in_the_way_of_the_last_wipe_is_said(desk: Any, caplog: pytest.LogCaptureFixture) -> None:
    account, _, _ = _known(desk)
    desk.centre.database.engine.dispose()
    sa.event.listen(
        desk.centre.database.engine,
        "connect",
        lambda raw, _: raw.execute("PRAGMA busy_timeout=50").fetchall(),
    )
    with desk.centre.database.read() as reader:
        reader.execute(sa.select(tables.persons)).all()
        assert desk.office("DELETE", f"/accounts/{account}").status_code == 204
    assert "write-ahead log not emptied yet" in caplog.text
    assert desk.centre.database.wipe_journal()


def test_a_seal_opens_only_where_it_was_set() -> None:
    key = PersonKey("k", "a", bytes(32))
    sealed = key.seal(b"Erika", "persons:a", lambda n: bytes(n))
    assert key.unseal(sealed, "persons:a") == b"Erika"
    for other, label in ((key, "persons:b"), (PersonKey("k", "a", b"\x01" * 32), "persons:a")):
        with pytest.raises(SealBroken):
            other.unseal(sealed, label)
    with pytest.raises(SealBroken):
        key.unseal(sealed[:-1], "persons:a")


def test_logs_name_nobody(desk: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    account, token, _ = _known(desk)
    opened = desk.office(
        "POST",
        "/accounts",
        {
            "nickname": "Hildegard", "language": "de", "place": "Kiosk-Nord",
            "consents": {"history": True, "personalisation": True},
        },
    ).json  # fmt: skip
    desk.office("POST", "/sessions", {"key": opened["key"]})
    desk.office("POST", "/accounts", {"nickname": "Hildegard" * 9})
    desk.store("POST", "/visits", {"visit": "v2", "token": token})
    desk.office("DELETE", f"/accounts/{account}")
    jti = verify(token, desk.centre.signer.public).jti
    for secret in (
        "Erika", "Hildegard", "Kiosk-Nord", token, jti, opened["key"], desk.store_key, desk.office_key
    ):  # fmt: skip
        assert secret not in caplog.text
    assert "account opened account=" in caplog.text
