"""Head office accepts every golden file for ever, old ones included, and reads from them what they say."""

from __future__ import annotations

import json
import random
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from central import envelope, words
from central.centre import open_centre
from central.db import tables
from central.fold import fold
from central.ingest import ingest
from central.settings import CentralSettings, Limits
from central.tokens import Forged, decode, verify
from checkout.basket import LINES_MAX
from checkout.events import Event
from mirror import events as fitting_room

HERE = Path(__file__).parent
GOLDEN = sorted((HERE / "events").glob("*.v*.json"))


def _name(path: Path) -> str:
    return path.name.split(".")[0]


NOT_OF_A_LANE = (
    "DeviceLost", "DeviceBack", "ArticleRecalled", "RecallLifted", "PromotionBegan", "PromotionEnded",
    "SigningUnitSeen", "OutageBegan", "OutageEnded",
)  # fmt: skip
IN_A_CABIN = [name for name, kind in Event.names.items() if kind.__module__ == fitting_room.__name__]
NEWEST = list({_name(path): path for path in GOLDEN}.values())
"""What a store of today says; the others are what an old one still says."""


def test_there_is_a_golden_file_for_every_event_and_for_nothing_else() -> None:
    assert {_name(path) for path in GOLDEN} == set(Event.names)
    assert {f"emma.{name}" for name in Event.names} == set(words.DECODERS)


@pytest.mark.parametrize("path", GOLDEN, ids=_name)
def test_each_golden_event_is_sound_and_fits_its_type(path: Path) -> None:
    event = envelope.open_envelope(path.read_bytes(), Limits())
    assert event.type == f"emma.{_name(path)}"
    assert event.store == "demo"
    lane = "cabin-1" if _name(path) in IN_A_CABIN else "1"
    assert event.lane == ("" if _name(path) in NOT_OF_A_LANE else lane)
    assert fold([event]).parked == []


@pytest.mark.parametrize("path", GOLDEN, ids=_name)
def test_each_golden_event_has_the_fields_that_the_store_knows(path: Path) -> None:
    known = {field.name for field in fields(Event.names[_name(path)])}
    said = set(json.loads(path.read_bytes())["data"])
    assert said == known if path in NEWEST else said <= known


@pytest.mark.parametrize("path", GOLDEN, ids=_name)
def test_a_field_that_is_missing_or_of_another_kind_is_noticed(path: Path) -> None:
    golden = json.loads(path.read_bytes())
    for name, value in golden["data"].items():
        wrong = golden | {"data": golden["data"] | {name: [value, value]}}
        event = envelope.open_envelope(json.dumps(wrong).encode(), Limits())
        assert len(fold([event]).parked) == 1, name


def test_the_longest_sale_of_a_till_is_taken_in() -> None:
    golden = json.loads((HERE / "events" / "SaleCompleted.v5.json").read_bytes())
    line = golden["data"]["lines"][0]
    line["groups"] = [f"department-or-group-{n}" for n in range(6)]
    line["reductions"] = [{"by": f"promotion-of-the-week-{n}", "amount_minor": 10_000} for n in range(4)]
    golden["data"]["lines"] = [line] * LINES_MAX
    event = envelope.open_envelope(json.dumps(golden, separators=(",", ":")).encode(), Limits())
    assert len(fold([event]).sale_lines) == LINES_MAX


OLDEST = list({_name(path): path for path in reversed(GOLDEN)}.values())


@pytest.mark.parametrize("golden", [NEWEST, OLDEST], ids=["today", "long ago"])
def test_all_of_them_in_one_batch_fold_to_what_they_say(tmp_path: Path, golden: list[Path]) -> None:
    centre = open_centre(CentralSettings(home=tmp_path), chance=random.Random(1).randbytes)
    try:
        payloads = [path.read_bytes() for path in golden]
        outcome = ingest(centre.database, "demo", payloads, Limits(), 0)
        assert (outcome.accepted, outcome.repeated, outcome.refused) == (len(golden), 0, ())
        with centre.database.read() as connection:
            sale = connection.execute(sa.select(tables.sales)).one()
            claim = connection.execute(sa.select(tables.claims)).one()
            lines = connection.execute(sa.select(tables.sale_lines.c.total_minor)).scalars().all()
            assert connection.execute(sa.select(tables.declined.c.offer)).scalar_one()
    finally:
        centre.close()
    assert (sale.visit, sale.total_minor, sum(lines)) == (claim.visit, 1586, 1586)


@pytest.fixture
def token() -> Any:
    return json.loads((HERE / "token.v1.json").read_bytes())


def test_the_golden_token_is_ours_and_good_for_a_while(token: Any) -> None:
    payload = verify(token["token"], decode(token["key"]["public"]))
    assert (payload.jti, payload.exp, payload.kid) == (token["jti"], token["exp"], token["key"]["kid"])
    ends = datetime.fromtimestamp(payload.exp, UTC)
    assert datetime.fromisoformat(token["good_at"]) <= ends < datetime.fromisoformat(token["expired_at"])


def test_the_golden_token_with_any_character_changed_is_forged(token: Any) -> None:
    public, text = decode(token["key"]["public"]), token["token"]
    chance = random.Random(5)
    for place in chance.sample(range(len(text)), 60):
        other = chance.choice([c for c in "AZaz09_-." if c != text[place]])
        with pytest.raises(Forged):
            verify(text[:place] + other + text[place + 1 :], public)
    with pytest.raises(Forged):
        verify(text, bytes(32))
