"""Does an export add up? Everything that an auditor's program can tell without the store (DSFinV-K 2.4).

    each position     its parts explain it; net and tax are gross
    each process      its positions come to its VAT table, the table to its total, and so do its payments
                      (3.1.2); its tax is that of its sums; what the TSE signed is what stands here (annex I),
                      and it did sign it
    each closing      its receipts come to its business cases, by kind and key, and to its payments (3.3)

Sums are kept by process while the files are read one after the other: some hundred bytes each.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from checkout.fiscal import RECEIPT, SALE
from store_edge.auditor import words
from store_edge.auditor.reading import FINDINGS_MAX, Finding, dialects, number, rows
from store_edge.auditor.signatures import Units

CENT = Decimal("0.01")
_VALUES = {
    "BON_TYP": words.BON_TYPES,
    "GV_TYP": words.CASES,
    "ZAHLART_TYP": words.PAYMENTS,
    "REF_TYP": words.REFERENCES,
    "TYP": words.PRICE_FINDING,
}
Fields = dict[str, str]
Bon = tuple[str, str]
"""Z_NR and BON_ID: which process is meant."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was read, and what is wrong with it."""

    closings: int
    processes: int
    signatures: int
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class _Process:
    """One process as far as it was read: sums by key of VAT, payments by kind."""

    row: int
    type: str
    terminal: str
    total: Decimal
    gross: dict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    tax: dict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    in_positions: dict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    tax_in_positions: dict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    paid: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))


def check_export(folder: Path) -> Checked:
    """Read an export back and judge it. Raises NotAnExport where nothing can be read."""
    return _Check(folder).all()


class _Check:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._findings: list[Finding] = []
        self._dialects = dialects(folder, self._findings.append)
        self._processes: dict[Bon, _Process] = {}
        self._cases: dict[tuple[str, str, int], Decimal] = defaultdict(Decimal)
        self._tax: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
        self._payments: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)

    def all(self) -> Checked:
        self._read_heads()
        self._read_vat()
        self._read_payments()
        self._read_positions()
        self._judge_processes()
        self._judge_cases()
        closings = self._judge_payments()
        self._judge_rates()
        self._judge_references()
        signatures = self._judge_signatures()
        return Checked(closings, len(self._processes), signatures, tuple(self._findings))

    def _report(self, file: str, row: int, sentence: str) -> None:
        self._note(Finding(file, row, sentence))

    def _note(self, finding: Finding) -> None:
        if len(self._findings) < FINDINGS_MAX:
            self._findings.append(finding)

    def _rows(self, file: str) -> Iterator[tuple[int, Fields]]:
        if file not in self._dialects:
            return
        for row, fields in rows(self._folder, file, self._dialects[file], self._note):
            for name, known in _VALUES.items():
                if fields.get(name, known[0]) not in known:
                    self._report(file, row, f"{name}: {fields[name][:40]!r} is no value of its list")
            yield row, fields

    def _process(self, file: str, row: int, fields: Fields) -> _Process | None:
        found = self._processes.get((fields["Z_NR"], fields["BON_ID"]))
        if found is None:
            self._report(file, row, f"there is no process {fields['BON_ID']} in Z {fields['Z_NR']}")
        return found

    def _amounts(self, file: str, row: int, fields: Fields, of: str) -> tuple[Decimal, Decimal]:
        """Gross and tax of a row."""
        gross, net = number(fields[f"{of}_BRUTTO"]), number(fields[f"{of}_NETTO"])
        vat = number(fields[f"{of}_UST"])
        if net + vat != gross:
            self._report(file, row, f"{net} net and {vat} tax are not {gross}")
        return gross, vat

    # What is read

    def _read_heads(self) -> None:
        file = "transactions.csv"
        for row, fields in self._rows(file):
            bon = (fields["Z_NR"], fields["BON_ID"])
            if bon in self._processes:
                self._report(file, row, f"process {bon[1]} is there twice")
            total = number(fields["UMS_BRUTTO"])
            self._processes[bon] = _Process(row, fields["BON_TYP"], fields["TERMINAL_ID"], total)
            if _moment(fields["BON_START"]) > _moment(fields["BON_ENDE"]):
                self._report(file, row, "it ended before it began")

    def _read_vat(self) -> None:
        file = "transactions_vat.csv"
        for row, fields in self._rows(file):
            process, rate = self._process(file, row, fields), self._rate(file, row, fields)
            gross, tax = self._amounts(file, row, fields, "BON")
            if process is None or rate is None:
                continue
            key, rate_bp = rate
            process.gross[key] += gross
            process.tax[key] += tax
            if abs(tax - gross * rate_bp / (10_000 + rate_bp)) > CENT:
                self._report(file, row, f"{tax} is not the tax in {gross} at {Decimal(rate_bp) / 100} %")
            if process.type == SALE:
                self._tax[fields["Z_NR"], key] += tax

    def _rate(self, file: str, row: int, fields: Fields) -> tuple[int, int] | None:
        """Key of VAT and its rate in basis points."""
        key = int(fields["UST_SCHLUESSEL"])
        try:
            return key, words.rate_of(key)
        except ValueError as error:
            self._report(file, row, str(error))
            return None

    def _read_payments(self) -> None:
        file = "datapayment.csv"
        for row, fields in self._rows(file):
            process, amount = self._process(file, row, fields), number(fields["BASISWAEH_BETRAG"])
            kind = fields["ZAHLART_TYP"]
            if kind == words.NO_PAYMENT and amount:
                self._report(file, row, "no payment, and an amount")
            if process is not None:
                process.paid[kind] += amount
            if process is not None and process.type == SALE and kind != words.NO_PAYMENT:
                self._payments[fields["Z_NR"], kind, fields["ZAHLART_NAME"]] += amount

    def _read_positions(self) -> None:
        def which(fields: Fields) -> tuple[str, str, str]:
            return fields["Z_NR"], fields["BON_ID"], fields["POS_ZEILE"]

        cases = {which(fields): fields["GV_TYP"] for _, fields in self._rows("lines.csv")}
        made_of: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
        for row, fields in self._rows("itemamounts.csv"):
            made_of[which(fields)] += self._amounts("itemamounts.csv", row, fields, "PF")[0]
        file = "lines_vat.csv"
        for row, fields in self._rows(file):
            process, rate = self._process(file, row, fields), self._rate(file, row, fields)
            gross, tax = self._amounts(file, row, fields, "POS")
            if which(fields) not in cases:
                self._report(file, row, f"there is no position {fields['POS_ZEILE']} in {fields['BON_ID']}")
            elif made_of.get(which(fields), gross) != gross:
                self._report(file, row, f"{gross} is not what its price was made of")
            elif process is not None and rate is not None:
                process.in_positions[rate[0]] += gross
                process.tax_in_positions[rate[0]] += tax
                if process.type == SALE:
                    self._cases[fields["Z_NR"], cases[which(fields)], rate[0]] += gross

    # What is judged

    def _judge_processes(self) -> None:
        for (_, bon), one in self._processes.items():
            for key in {*one.gross, *one.in_positions}:
                pairs = (one.in_positions[key], one.gross[key]), (one.tax_in_positions[key], one.tax[key])
                for found, said in pairs:
                    if found != said:
                        sentence = (
                            f"the positions of {bon} at key {key} come to {found}, its VAT table to {said}"
                        )
                        self._report("transactions_vat.csv", 0, sentence)
            if sum(one.gross.values()) != one.total:
                sentence = f"{bon} is {one.total}, its VAT table {sum(one.gross.values())}"
                self._report("transactions.csv", one.row, sentence)
            if one.type == SALE and sum(one.paid.values()) != one.total:
                sentence = f"{bon} is {one.total}, its payments {sum(one.paid.values())}"
                self._report("transactions.csv", one.row, sentence)
            if one.type != SALE and set(one.paid) != {words.NO_PAYMENT}:
                self._report("transactions.csv", one.row, f"{bon} is no receipt, and was paid")

    def _judge_cases(self) -> None:
        file, tax = "businesscases.csv", defaultdict(Decimal, self._tax)
        said: dict[tuple[str, str, int], Decimal] = defaultdict(Decimal)
        for row, fields in self._rows(file):
            gross, vat = self._amounts(file, row, {**fields, "Z_UMS_UST": fields["Z_UST"]}, "Z_UMS")
            key = int(fields["UST_SCHLUESSEL"])
            said[fields["Z_NR"], fields["GV_TYP"], key] += gross
            tax[fields["Z_NR"], key] -= vat
        for closing, case, key in sorted({*said, *self._cases}):
            found, gross = self._cases[closing, case, key], said[closing, case, key]
            if found != gross:
                sentence = f"Z {closing}: {case} at key {key} is {gross}, in its receipts {found}"
                self._report(file, 0, sentence)
        for (closing, key), left in sorted(tax.items()):
            if left:
                self._report(
                    file, 0, f"Z {closing}: the tax at key {key} is {left} less than in its receipts"
                )

    def _judge_payments(self) -> int:
        """Gives the number of closings."""
        said = {
            (fields["Z_NR"], fields["ZAHLART_TYP"], fields["ZAHLART_NAME"]): number(
                fields["Z_ZAHLART_BETRAG"]
            )
            for _, fields in self._rows("payment.csv")
        }
        for which in sorted({*said, *self._payments}):
            found, amount = self._payments.get(which, Decimal(0)), said.get(which, Decimal(0))
            if found != amount:
                sentence = f"Z {which[0]}: {which[2] or which[1]} is {amount}, in its receipts {found}"
                self._report("payment.csv", 0, sentence)
        closings = 0
        for row, fields in self._rows("cashpointclosing.csv"):
            closings += 1
            self._judge_totals(row, fields)
        return closings

    def _judge_totals(self, row: int, fields: Fields) -> None:
        file, closing = "cashpointclosing.csv", fields["Z_NR"]
        paid = {which: amount for which, amount in self._payments.items() if which[0] == closing}
        cash = sum(amount for which, amount in paid.items() if which[1] == words.IN_CASH)
        for name, found in (("Z_SE_ZAHLUNGEN", sum(paid.values())), ("Z_SE_BARZAHLUNGEN", cash)):
            if number(fields[name]) != found:
                self._report(file, row, f"{name} is {fields[name]}, in its receipts {found}")
        for name in ("Z_START_ID", "Z_ENDE_ID"):
            if fields[name] and (closing, fields[name]) not in self._processes:
                self._report(file, row, f"{name}: there is no process {fields[name]} in Z {closing}")
        if not (fields["STNR"] or fields["USTID"]):
            self._report(file, row, "neither STNR nor USTID is filled")

    def _judge_rates(self) -> None:
        file = "vat.csv"
        for row, fields in self._rows(file):
            rate = self._rate(file, row, fields)
            if rate is not None and number(fields["UST_SATZ"]) != words.euros(rate[1]):
                self._report(file, row, f"key {rate[0]} is not {fields['UST_SATZ']} %")

    def _judge_references(self) -> None:
        file = "references.csv"
        closings = {closing for closing, _ in self._processes}
        for row, fields in self._rows(file):
            self._process(file, row, fields)
            told = (fields["REF_Z_NR"], fields["REF_BON_ID"])
            if told[0] in closings and told not in self._processes:
                self._report(file, row, f"there is no process {told[1]} in Z {told[0]} to refer to")

    def _judge_signatures(self) -> int:
        """Gives the number of signatures that are right."""
        file, right = "transactions_tse.csv", 0
        units = Units(
            (fields for _, fields in self._rows("tse.csv")),
            (fields for _, fields in self._rows("slaves.csv")),
        )
        for row, fields in self._rows(file):
            process = self._process(file, row, fields)
            if process is None or not fields["TSE_TA_SIG"]:
                if process is not None and not fields["TSE_TA_FEHLER"]:
                    self._report(file, row, "no signature, and no reason why")
                continue
            if process.type == SALE and fields["TSE_TA_VORGANGSART"] == RECEIPT:
                wanted = words.signed_data(process.type, process.gross, process.paid)
                if fields["TSE_VORGANGSDATEN"] != wanted:
                    self._report(file, row, f"signed was {fields['TSE_VORGANGSDATEN']!r}, here is {wanted!r}")
            if fault := units.fault(fields, process.terminal):
                self._report(file, row, fault)
            else:
                right += 1
        return right


def _moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)
