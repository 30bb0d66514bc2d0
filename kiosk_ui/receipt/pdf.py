"""The receipt as a PDF: one page as long as it needs, tagged for screen readers (PDF/UA-1), fonts embedded.

The rows go into `receipt.typ` as data, never as markup: an article's name cannot become an instruction.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import segno
import typst

from checkout.receipt_rows import Row

LAYOUT = Path(__file__).with_name("receipt.typ")
TYPEFACE = Path("@expo-google-fonts/atkinson-hyperlegible-next")
FACES = ("400Regular", "700Bold")
FOLDERS_MAX = 4


def receipt_pdf(
    sections: Sequence[tuple[str, Sequence[Row]]], title: str, language: str, at: str, node_modules: Path
) -> bytes:
    """The PDF's bytes; the same for the same receipt, as its date is the receipt's own (`at`, ISO 8601)."""
    data = [[kind, [_as_data(row) for row in rows]] for kind, rows in sections]
    inputs = {"title": title, "language": language, "sections": json.dumps(data, ensure_ascii=False)}
    pdf: bytes = typst.compile(
        str(LAYOUT),
        font_paths=_fonts(node_modules),
        format="pdf",
        sys_inputs=inputs,
        pdf_standards=["ua-1"],
        timestamp=int(datetime.fromisoformat(at).timestamp()),
    )
    return pdf


def _as_data(row: Row) -> dict[str, object]:
    facts = asdict(row)
    if "data" in facts:
        drawn = io.BytesIO()
        segno.make(facts["data"], error="m", micro=False).save(drawn, kind="svg", border=4, light="#fff")
        facts["svg"] = drawn.getvalue().decode()
    return facts


@lru_cache(maxsize=FOLDERS_MAX)
def _fonts(node_modules: Path) -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, font_paths=[node_modules / TYPEFACE / face for face in FACES]
    )
