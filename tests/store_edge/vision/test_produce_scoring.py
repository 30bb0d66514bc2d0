"""A folder of produce photos is scored by the documented keys, with words for what is wrong with it."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk_ui.cli import main
from store_edge.vision.produce import ProduceEye
from store_edge.vision.produce_scoring import FewShots, score_produce
from store_edge.vision.registry import checked_bytes, find_model
from store_edge.vision.scoring import NothingToScore

KEYS = {"n", "top1", "top3", "coarse_top1", "answered", "answered_right", "cpu_ms_p50"}
TINY = Path(__file__).parent / "tiny_models" / "kinds.onnx"
PRODUCE = Path(os.environ.get("EMMA_SHARED", "../shared")) / "data" / "produce"
RED, GREEN, BLUE, YELLOW = (20, 20, 220), (20, 220, 20), (220, 20, 20), (20, 200, 205)


def photo(file: Path, bgr: tuple[int, int, int], seed: int = 0) -> None:
    grain = np.random.default_rng(seed).integers(-10, 11, (50, 50, 3))
    cv2.imwrite(str(file), np.clip(np.array(bgr) + grain, 0, 255).astype(np.uint8))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, colour in {"a": RED, "b": GREEN, "c": BLUE, "d": YELLOW, "e": GREEN}.items():
        photo(tmp_path / f"{name}.jpg", colour)
    (tmp_path / "cut.jpg").write_bytes((tmp_path / "a.jpg").read_bytes()[:200])
    (tmp_path / "labels.csv").write_text(
        "file,fine_label,coarse_label\na.jpg,Tomato,Vegetable\nb.jpg,Lime,Fruit\nc.jpg,Lime,Fruit\n"
        "d.jpg,Lime,Fruit\ne.jpg,Kiwi,Fruit\ncut.jpg,Lime,Fruit\ngone.jpg,Lime,Fruit\n"
    )
    line = f'produce = {{ file = "{TINY}", sha256 = "{hashlib.sha256(TINY.read_bytes()).hexdigest()}" }}'
    (tmp_path / "models.toml").write_text(line)
    return tmp_path


def test_hits_and_what_it_was_sure_of(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", "produce", str(folder), "--home", str(folder), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert set(said) >= KEYS
    assert said["n"] == 5
    # red and green are right, blue is a plum, yellow is torn between two, and a kiwi it does not know
    assert said["top1"] in (0.4, 0.6)
    assert said["top3"] == 0.8
    assert said["coarse_top1"] in (0.8, 1.0)
    assert (said["answered"], said["answered_right"]) == (0.8, 0.5)
    assert {"label": "Kiwi", "named": "Lime", "n": 1} in said["confused"]
    assert said["refused"] == ["cut.jpg: no picture", "gone.jpg: missing"]


def test_the_table_shows_intervals(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", "produce", str(folder / "labels.csv"), "--home", str(folder)]) == 0
    out = capsys.readouterr().out
    assert "answered             4 of 5      80.0%   95 %: 37.6% to 96.4%" in out
    assert "not counted: gone.jpg: missing" in out


def test_only_what_a_shop_taught_is_known(folder: Path) -> None:
    lessons = folder / "lessons"
    lessons.mkdir()
    rows = ["file,fine_label,coarse_label"]
    for label, colour in {"Kiwi": GREEN, "Tomato": RED}.items():
        for number in range(7):
            photo(lessons / f"{label}{number}.png", colour, number)
            rows.append(f"{label}{number}.png,{label},Fruit")
    (lessons / "labels.csv").write_text("\n".join(rows))
    score = score_produce(folder, ProduceEye(TINY.read_bytes()), FewShots(lessons, 5, seed=1))
    assert score.confused[("Lime", "Kiwi")] >= 1
    assert ("Kiwi", "Lime") not in score.confused
    (lessons / "Kiwi3.png").write_bytes(b"")
    with pytest.raises(NothingToScore, match=r"Kiwi3\.png cannot be taught"):
        score_produce(folder, ProduceEye(TINY.read_bytes()), FewShots(lessons, 7))


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (None, "cannot be read"),
        ("file,fine_label\nx.png,1\n", "has no column 'coarse_label'; it needs file, fine_label and coarse"),
        ("file,fine_label,coarse_label\n", "has no rows"),
        ("file,fine_label,coarse_label\nx.png,a,b\n", "could be opened; the first: x.png: missing"),
    ],
)
def test_a_folder_that_cannot_be_scored(tmp_path: Path, table: str | None, words: str) -> None:
    if table is not None:
        (tmp_path / "labels.csv").write_text(table)
    with pytest.raises(NothingToScore, match=words):
        score_produce(tmp_path, ProduceEye(TINY.read_bytes()))


@pytest.mark.skipif(not PRODUCE.is_dir(), reason="photos of produce are not in the shared folder")
def test_the_shipped_model_names_real_photos(tmp_path: Path) -> None:
    rows = (PRODUCE / "val.csv").read_text("utf-8").splitlines()
    for row in rows[1::12]:
        file = tmp_path / row.split(",")[0]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes((PRODUCE / row.split(",")[0]).read_bytes())
    (tmp_path / "labels.csv").write_text("\n".join([rows[0], *rows[1::12]]))
    score = score_produce(tmp_path, ProduceEye(checked_bytes(find_model("produce"))))
    assert score.n == len(rows[1::12])
    assert score.top1 / score.n > 0.6
    assert score.top3 / score.n > 0.8
