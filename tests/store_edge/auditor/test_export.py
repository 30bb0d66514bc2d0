"""The DSFinV-K export of days as chance has them: every cent of the Z reports, and every wrong one found."""

from __future__ import annotations

import csv
import datetime as dt
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from dsfinvk import models, validate

from checkout.closing import CASH_CASES, Closing
from checkout.events import CashMoved, SaleCompleted
from checkout.payment import PROVIDED
from store_edge.auditor.check import check_export
from store_edge.auditor.export import CannotExport, Exported, export
from store_edge.auditor.tables import COLUMNS, TABLES
from store_edge.auditor.words import rate_of
from store_edge.db import tables as t
from store_edge.db.engine import Database
from store_edge.desk import Closings
from store_edge.settings import Settings
from tests.conftest import Shop, StoreShop
from tests.store_edge.auditor.random_days import CLERK, Days

SINCE, UNTIL = dt.date(2026, 11, 1), dt.date(2026, 12, 31)
SETTINGS = Settings(lanes=("1", "2"))
CENT = Decimal("0.01")


def exported(shop: StoreShop, folder: Path, **span: dt.date) -> Exported:
    days = {"since": SINCE, "until": UNTIL, **span}
    return export(shop.database, SETTINGS, folder=folder, **days)


def table(folder: Path, model: object) -> list[dict[str, str]]:
    with (folder / model._filename).open(encoding="utf-8", newline="") as file:  # type: ignore[attr-defined]
        return list(csv.DictReader(file, delimiter=";"))


def amount(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


def cents(text: str) -> int:
    return int(amount(text) * 100)


@pytest.fixture(scope="module")
def three_days(tmp_path_factory: pytest.TempPathFactory, new_sqlite_url) -> Iterator[tuple[StoreShop, Path]]:  # type: ignore[no-untyped-def]
    """A busy shop and its export."""
    shop = StoreShop(Database(new_sqlite_url()))
    shop.put_on_the_shelf(*Shop.assortment)
    Days(shop, 7).live(3, 300)
    folder = tmp_path_factory.mktemp("audit") / "export"
    exported(shop, folder)
    yield shop, folder
    shop.close()


# What is in it


@pytest.mark.parametrize(
    ("seeds", "acts"),
    [(range(6), 150), pytest.param(range(200), 400, marks=pytest.mark.long)],
    ids=["short", "long"],
)
def test_random_days_come_to_their_z_reports(new_sqlite_url, open_shop, tmp_path, seeds, acts):
    for seed in seeds:
        shop = open_shop(new_sqlite_url())
        Days(shop, seed).live(3, acts)
        folder = tmp_path / str(seed)
        done = exported(shop, folder)
        assert (done.closings, done.differences) == (3, ())
        assert check_export(folder).findings == ()
        come_to_the_cent(shop, folder)


def come_to_the_cent(shop: StoreShop, folder: Path) -> None:
    """By case, rate and tender; counted here once more, by rows and nothing else."""
    tax, cases, paid = Counter(), Counter(), Counter()
    sales = {row["BON_ID"] for row in table(folder, models.Bonkopf) if row["BON_TYP"] == "Beleg"}
    for row in table(folder, models.Bonkopf_USt):
        if row["BON_ID"] in sales:
            rate_bp = rate_of(int(row["UST_SCHLUESSEL"]))
            tax[row["Z_NR"], rate_bp, "gross"] += cents(row["BON_BRUTTO"])
            tax[row["Z_NR"], rate_bp, "tax"] += cents(row["BON_UST"])
    for row in table(folder, models.Z_GV_Typ):
        cases[row["Z_NR"], row["GV_TYP"], rate_of(int(row["UST_SCHLUESSEL"]))] += cents(row["Z_UMS_BRUTTO"])
    for row in table(folder, models.Z_Zahlart):
        cash = row["ZAHLART_TYP"] == "Bar"
        paid[row["Z_NR"], cash] += cents(row["Z_ZAHLART_BETRAG"])
    for closing in closings(shop):
        number = str(closing.number)
        for case in closing.cases:
            assert cases[number, case.kind, case.rate_bp] == case.gross_minor
        for part in closing.vat:
            if part.rate_bp:
                assert tax[number, part.rate_bp, "gross"] == part.gross_minor
                assert tax[number, part.rate_bp, "tax"] == part.vat_minor
        tenders = {part.kind: part.amount_minor for part in closing.tenders}
        moved = sum(case.gross_minor for case in closing.cases if case.kind in CASH_CASES.values())
        assert paid[number, True] == tenders.get("cash", 0) + moved
        assert paid[number, False] == sum(tenders.get(kind, 0) for kind in ("card", *PROVIDED))


def closings(shop: StoreShop) -> list[Closing]:
    return list(Closings(shop.database).last(100))


def test_a_busy_day_has_everything_in_it(three_days):
    """Else the sums above would prove little."""
    _, folder = three_days
    kinds = Counter(row["GV_TYP"] for row in table(folder, models.Bonpos))
    assert set(kinds) == {
        "Umsatz", "Pfand", "PfandRueckzahlung", "Rabatt", "MehrzweckgutscheinKauf",
        "MehrzweckgutscheinEinloesung", "Anfangsbestand", "Geldtransit", "Einzahlung", "Auszahlung",
        "DifferenzSollIst",
    }  # fmt: skip
    types = {row["BON_TYP"] for row in table(folder, models.Bonkopf)}
    assert types == {"Beleg", "AVBelegabbruch", "AVBestellung"}
    ways = {row["ZAHLART_TYP"] for row in table(folder, models.Bonkopf_Zahlarten)}
    assert ways == {"Bar", "ECKarte", "Kreditkarte", "Unbar", "Keine"}
    for model in (models.Bon_Referenzen, models.Bonkopf_AbrKreis, models.Bonpos_Preisfindung):
        assert table(folder, model)
    assert {row["P_STORNO"] for row in table(folder, models.Bonpos)} == {"0", "1"}


def test_what_was_put_aside_is_held_together_with_its_sale(three_days):
    _, folder = three_days
    groups: dict[str, list[str]] = {}
    types = {row["BON_ID"]: row["BON_TYP"] for row in table(folder, models.Bonkopf)}
    for row in table(folder, models.Bonkopf_AbrKreis):
        groups.setdefault(row["ABRECHNUNGSKREIS"], []).append(types[row["BON_ID"]])
    assert all(found[0] == "AVBestellung" for found in groups.values())
    assert any("Beleg" in found for found in groups.values())


def test_what_came_back_refers_to_what_was_sold(three_days):
    _, folder = three_days
    closed_in = {row["BON_ID"]: row["Z_NR"] for row in table(folder, models.Bonkopf)}
    for row in table(folder, models.Bon_Referenzen):
        assert closed_in[row["REF_BON_ID"]] == row["REF_Z_NR"]
        assert int(row["REF_BON_ID"]) < int(row["BON_ID"])


def test_a_basket_that_was_open_when_the_day_was_closed_has_its_lines_in_the_next(sqlite_shop, tmp_path):
    sqlite_shop.scan(Shop.wine)
    sqlite_shop.days.close_day(CLERK)
    sqlite_shop.clock.forward(hours=24)
    sqlite_shop.till.void("1", 1)
    sqlite_shop.scan(Shop.milk)
    sqlite_shop.till.cancel("1")
    sqlite_shop.days.close_day(CLERK)
    second = dt.date(2026, 11, 22)
    exported(sqlite_shop, tmp_path / "out", since=second, until=second)
    (head,) = table(tmp_path / "out", models.Bonkopf)
    assert (head["Z_NR"], head["BON_TYP"], head["UMS_BRUTTO"]) == ("2", "AVBelegabbruch", "1,19")
    assert (head["BON_START"], head["BON_ENDE"]) == ("2026-11-21T11:00:00+01:00", "2026-11-22T11:00:00+01:00")
    rows = [
        (row["ARTIKELTEXT"], row["MENGE"], row["P_STORNO"]) for row in table(tmp_path / "out", models.Bonpos)
    ]
    assert rows == [("Wine", "1,000", "0"), ("Wine", "-1,000", "1"), ("Milk", "1,000", "0")]
    assert check_export(tmp_path / "out").findings == ()


def test_all_phones_are_one_till(sqlite_shop, tmp_path):
    for lane in ("phone-3", "phone-9", "1"):
        sqlite_shop.scan(Shop.milk, lane)
        sqlite_shop.pay(lane)
    sqlite_shop.days.close_day(CLERK)
    exported(sqlite_shop, tmp_path / "out")
    heads = table(tmp_path / "out", models.Bonkopf)
    assert Counter(row["TERMINAL_ID"] for row in heads if row["BON_TYP"] == "Beleg") == {"phone": 2, "1": 1}
    known = {
        row["TERMINAL_ID"]: row["TERMINAL_SERIENNR"]
        for row in table(tmp_path / "out", models.Stamm_Terminals)
    }
    assert known["phone"].endswith("-phone")
    assert check_export(tmp_path / "out").findings == ()


# How it is written


def test_others_who_know_the_tables_find_nothing_wrong(three_days, capsys):
    _, folder = three_days
    assert validate.validate_dir(str(folder)) == []
    assert capsys.readouterr().out == ""  # where it only says aloud what is wrong


def test_amounts_have_a_comma_and_no_other_sign(sqlite_shop, tmp_path):
    """The package would write 12.345,67 and receipt number 1.000; index.xml allows it, programs stumble."""
    sqlite_shop.drawers.put_float("1", 1_234_567, CLERK)
    sqlite_shop.days.close_day(CLERK)
    exported(sqlite_shop, tmp_path / "out")
    raw = (tmp_path / "out" / "transactions.csv").read_bytes()
    assert b";12345,67;" in raw
    assert raw.count(b"\r\n") == raw.count(b"\n") == 2
    assert raw.startswith(b"Z_KASSE_ID;")
    (sums,) = table(tmp_path / "out", models.Z_Waehrungen)
    assert sums["ZAHLART_BETRAG_WAEH"] == "12345,67"


def test_drawers_hold_what_was_there_and_what_was_paid(sqlite_shop, tmp_path):
    """Kassensturzfähigkeit: yesterday's cash and today's payments are today's cash."""
    for day in range(3):
        sqlite_shop.drawers.put_float("1", 10_000 * (day + 1), CLERK)
        sqlite_shop.scan(Shop.wine)
        sqlite_shop.pay_desk.pay_cash("1", 1_000)
        sqlite_shop.drawers.drop("1", 5_000, CLERK)
        sqlite_shop.drawers.count("1", sqlite_shop.drawers.expected("1", CLERK) - 7, CLERK)
        sqlite_shop.days.close_day(CLERK)
        sqlite_shop.clock.forward(hours=24)
    exported(sqlite_shop, tmp_path / "out")
    there = [cents(row["ZAHLART_BETRAG_WAEH"]) for row in table(tmp_path / "out", models.Z_Waehrungen)]
    paid = [cents(row["Z_SE_BARZAHLUNGEN"]) for row in table(tmp_path / "out", models.Stamm_Abschluss)]
    assert there == [sum(paid[: day + 1]) for day in range(3)] == [5_492, 20_984, 46_476]


# What cannot be exported


def test_only_closed_days_are_exported(sqlite_shop, tmp_path):
    with pytest.raises(CannotExport, match="no day"):
        exported(sqlite_shop, tmp_path / "out")
    sqlite_shop.days.close_day(CLERK)
    sqlite_shop.scan(Shop.milk)
    sqlite_shop.pay_desk.pay_cash("1", 200)
    assert exported(sqlite_shop, tmp_path / "out").not_closed == 1
    assert check_export(tmp_path / "out").processes == 0
    with pytest.raises(CannotExport, match="there already"):
        exported(sqlite_shop, tmp_path / "out")


def test_half_an_export_never_looks_like_one(three_days, tmp_path, monkeypatch):
    shop, _ = three_days
    with shop.database.read() as connection:
        some = connection.exec_driver_sql("SELECT max(number) FROM receipts").scalar_one() - 1

    def pulled(done: int, whole: int) -> None:
        if done > some:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(shop.database, SETTINGS, SINCE, UNTIL, tmp_path / "out", pulled)
    assert not (tmp_path / "out").exists()
    exported(shop, tmp_path / "out")
    assert check_export(tmp_path / "out").findings == ()


def test_books_that_were_changed_by_hand_do_not_come_to_their_z_report(sqlite_shop, tmp_path):
    sqlite_shop.scan(Shop.wine)
    sqlite_shop.pay_desk.pay_cash("1", 499)
    sqlite_shop.days.close_day(CLERK)
    with sqlite_shop.database.write() as connection:
        row = t.receipts
        body = (
            connection.execute(row.select()).one().body.replace(b'"amount_minor":499', b'"amount_minor":399')
        )
        connection.execute(row.update().values(body=body))
    (sentence,) = exported(sqlite_shop, tmp_path / "out").differences
    assert sentence == "Z 1: cash is 4.99 in the report, 3.99 in its processes"


# What a wrong figure looks like to whoever reads it

NOT_SUMMED = {"MENGE", "FAKTOR", "STK_BR", "ZAHLWAEH_BETRAG", "ZAHLART_BETRAG_WAEH"}
"""Numbers that say how much of what, or what lies in the drawer: nothing in the export need come to them."""
PLACES = [
    (model, column.name)
    for model in TABLES
    for column in COLUMNS[model]
    if column.places and column.name not in NOT_SUMMED and not column.name.startswith("ZI_")
]


@pytest.mark.parametrize(
    ("model", "column"), PLACES, ids=[f"{model.__name__}.{column}" for model, column in PLACES]
)
def test_one_cent_planted_anywhere_is_found(three_days, tmp_path, model, column):
    _, folder = three_days
    planted = shutil.copytree(folder, tmp_path / "out")
    rows = table(folder, model)
    number = random.Random(column).randrange(len(rows))
    places = len(rows[number][column].partition(",")[2])
    rows[number][column] = f"{amount(rows[number][column]) + CENT:.{places}f}".replace(".", ",")
    write(planted, model, rows)
    assert check_export(planted).findings


def write(folder: Path, model: object, rows: list[dict[str, str]]) -> None:
    with (folder / model._filename).open("w", encoding="utf-8", newline="") as file:  # type: ignore[attr-defined]
        writer = csv.DictWriter(file, list(rows[0]), delimiter=";", lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.parametrize(
    ("model", "change", "sentence"),
    [
        (models.Bonkopf, {"BON_TYP": "Bon"}, "no value of its list"),
        (models.Bonkopf, {"BON_START": "21.11.2026"}, "no moment"),
        (models.Bonkopf, {"BON_STORNO": "2"}, "neither 0 nor 1"),
        (models.Bonkopf, {"UMS_BRUTTO": "1.000,00"}, "no number"),
        (models.Bonkopf, {"UMS_BRUTTO": "5.99"}, "no number"),
        (models.Bonkopf, {"BON_ID": "elsewhere"}, "there is no process"),
        (models.Bonpos, {"GV_TYP": "Verkauf"}, "no value of its list"),
        (models.Bonpos, {"ARTIKELTEXT": "x" * 256}, "longer than 255"),
        (models.Bonpos_USt, {"UST_SCHLUESSEL": "77"}, "no key"),
        (models.Bonpos_USt, {"POS_ZEILE": "999"}, "there is no position 999"),
        (models.Bonkopf_Zahlarten, {"ZAHLART_TYP": ""}, "is empty"),
        (models.Bon_Referenzen, {"REF_BON_ID": "0"}, "to refer to"),
        (models.Stamm_Abschluss, {"USTID": ""}, "neither STNR nor USTID"),
        (models.Stamm_Abschluss, {"Z_ENDE_ID": "0"}, "there is no process 0"),
    ],
)
def test_what_is_not_as_the_standard_has_it_is_found(three_days, tmp_path, model, change, sentence):
    _, folder = three_days
    planted = shutil.copytree(folder, tmp_path / "out")
    rows = table(folder, model)
    rows[0] |= change
    write(planted, model, rows)
    assert any(sentence in finding.sentence for finding in check_export(planted).findings)


def test_a_missing_file_or_row_is_found(three_days, tmp_path):
    _, folder = three_days
    planted = shutil.copytree(folder, tmp_path / "out")
    for model in (models.Bonkopf, models.Bonpos_USt, models.Bonkopf_Zahlarten):
        text = (folder / model._filename).read_bytes()
        (planted / model._filename).write_bytes(b"\r\n".join(text.split(b"\r\n")[:-2]))
        assert check_export(planted).findings
        (planted / model._filename).unlink()
        assert check_export(planted).findings
        (planted / model._filename).write_bytes(text)
    assert check_export(planted).findings == ()


def test_the_journal_alone_says_what_happened(three_days):
    """Every sale and every move of cash is one process."""
    shop, folder = three_days
    ids = [row["BON_ID"] for row in table(folder, models.Bonkopf)]
    assert len(ids) == len(set(ids))
    sales = {str(event.receipt) for event in shop.heard(SaleCompleted)}
    assert sales <= set(ids)
    moves = {"Anfangsbestand", "Geldtransit", "Einzahlung", "Auszahlung"}
    assert sum(row["GV_TYP"] in moves for row in table(folder, models.Bonpos)) == len(shop.heard(CashMoved))
