"""A folder of photos is scored by the documented keys, and what is wrong with it is said in words."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp

from hardware.readings import Scan
from kiosk_ui.cli import main
from store_edge.vision import scoring
from store_edge.vision.scoring import NothingToScore, is_right, load_photo, score_codes, wilson

KEYS = {"n", "right", "wrong", "missing", "wrong_on_negatives", "cpu_ms_p50", "cpu_ms_p95", "by_symbology"}


def photo(path: Path, text: str) -> None:
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.EAN13).to_image(scale=3)
    cv2.imwrite(str(path), cv2.copyMakeBorder(np.array(code), 40, 40, 40, 40, cv2.BORDER_CONSTANT, value=255))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    photo(tmp_path / "milk.png", "4006381333931")
    photo(tmp_path / "coke.png", "0049000006582")
    cv2.imwrite(str(tmp_path / "paper.png"), np.full((80, 80), 255, np.uint8))
    photo(tmp_path / "cut.jpg", "4006381333931")
    (tmp_path / "cut.jpg").write_bytes((tmp_path / "cut.jpg").read_bytes()[:200])
    noise = np.random.default_rng(1).integers(0, 255, (90, 90)).astype(np.uint8)
    for name in ("broken.png", "broken.jpg"):
        cv2.imwrite(str(tmp_path / name), noise)
        (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:3000])
    (tmp_path / "words.png").write_text("no picture")
    (tmp_path / "labels.csv").write_text(
        "file,symbology,text,folder\nmilk.png,EAN-13,4006381333931,a\ncoke.png,UPC-A,049000006583,a\n"
        "paper.png,NONE,,a\ncut.jpg,EAN-13,4006381333931,b\nbroken.png,QR,x,b\nbroken.jpg,QR,x,b\nwords.png,QR,x,b\ngone.png,QR,x,b\n"
        "../labels.csv,QR,x,b\n",
        encoding="utf-8",
    )
    return tmp_path


def test_right_wrong_negatives_and_what_cannot_be_opened(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["score", "barcodes", str(folder), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert set(said) >= KEYS
    assert (said["n"], said["right"], said["wrong"], said["missing"]) == (2, 1, 1, 0)
    assert (said["negatives"], said["wrong_on_negatives"]) == (1, 0)
    assert said["by_symbology"]["UPC-A"] == {"n": 1, "right": 0, "wrong": 1, "missing": 0}
    assert said["wrong_answers"] == [{"file": "coke.png", "answer": "0049000006582"}]
    assert said["refused"] == [
        "cut.jpg: no picture",
        "broken.png: broken picture",
        "broken.jpg: broken picture",
        "words.png: no picture",
        "gone.png: missing",
        "../labels.csv: not a file of this folder",
    ]


def test_the_table_shows_intervals(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", "barcodes", str(folder)]) == 0
    out = capsys.readouterr().out
    assert "50.0%, 9.5% to 90.5%" in out
    assert "not counted: gone.png: missing" in out


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (None, "cannot be read"),
        ("", "has no column 'file'"),
        ("file,text\nx.png,1\n", "has no column 'symbology'"),
        ("file,symbology,text\n", "has no rows"),
        ("file,symbology,text\nx.png,QR,1\n", "no photo"),
        ("file,symbology,text\nx.png\n", "no photo"),
    ],
)
def test_a_folder_that_is_not_as_documented_is_refused_in_words(
    tmp_path: Path, table: str | None, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if table is not None:
        (tmp_path / "labels.csv").write_text(table, encoding="utf-8")
    with pytest.raises(NothingToScore, match=words):
        score_codes(tmp_path)
    assert main(["score", "barcodes", str(tmp_path)]) == 2
    assert words in capsys.readouterr().err


def test_a_picture_of_100_megapixels_is_reduced_and_a_larger_one_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cv2.imwrite(str(tmp_path / "big.jpg"), np.full((10_000, 10_000), 200, np.uint8))
    assert load_photo(tmp_path, "big.jpg").shape == (2500, 2500)
    monkeypatch.setattr(scoring, "PHOTO_PIXELS_MAX", 50_000_000)
    with pytest.raises(ValueError, match="10000 x 10000 pixels are too many"):
        load_photo(tmp_path, "big.jpg")
    monkeypatch.setattr(scoring, "FILE_BYTES_MAX", 1000)
    with pytest.raises(ValueError, match="larger than"):
        load_photo(tmp_path, "big.jpg")


@pytest.mark.parametrize(
    ("scan", "symbology", "text"),
    [
        (Scan("0049000006582", "]E0"), "UPC-A", "049000006582"),
        (Scan("0012000006494", "]E0"), "UPC-E", "01264904"),
        (Scan("0012000006494", "]E0"), "UPC-E", "126490"),
        (Scan("9004378011027", "]E0"), "EAN-13+addon", "9004378011027 12345"),
        (Scan("24036153", "]E4"), "EAN-8", "24036153"),
        (Scan("0102001234567893", "]e0"), "DataBar", "02001234567893"),
        (Scan("0190012345678908\x1d3103001750", "]e0"), "DataBarExp", "(01)90012345678908(3103)001750"),
        (Scan("10ABC", "]C1"), "Code128", "(10)ABC"),
        (Scan("a\nb", "]Q1"), "QR", "a\nb "),
    ],
)
def test_labels_may_spell_a_code_in_other_ways(scan: Scan, symbology: str, text: str) -> None:
    assert is_right(scan, symbology, text)
    assert not is_right(Scan(scan.text + "0", scan.symbology), symbology, text)
    assert not is_right(Scan(scan.text, "]X0"), symbology, text)


def test_wilson_s_interval_is_the_textbook_s() -> None:
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=2e-4)  # Newcombe 1998, table I
    assert wilson(0, 0) == (0.0, 1.0)
