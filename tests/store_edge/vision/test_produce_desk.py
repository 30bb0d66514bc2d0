"""At the scale: what is sold here is suggested, what the shopper chooses is learnt, and no picture stays."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest

from store_edge.vision.priors import Habit
from store_edge.vision.produce import Picture
from store_edge.vision.produce_desk import LESSONS_MAX, ProduceDesk, Range, open_desk
from store_edge.vision.registry import BadModel
from store_edge.vision.taught import NotTaught

TINY = Path(__file__).parent / "tiny_models" / "kinds.onnx"
TOMATO, LIME, MANGO = "2100000000012", "2100000000029", "2100000000036"
RED, GREEN, BLUE, YELLOW, ORANGE = (
    (20, 20, 220),
    (20, 220, 20),
    (220, 20, 20),
    (20, 200, 200),
    (20, 120, 220),
)
SOLD = Range({"Tomato": TOMATO, "Lime": LIME}, {TOMATO: Habit(piece_g=120.0), LIME: Habit(piece_g=60.0)})


def photo(bgr: tuple[int, int, int], seed: int = 0) -> Picture:
    grain = np.random.default_rng(seed).integers(-12, 13, (48, 64, 3))
    return np.clip(np.array(bgr) + grain, 0, 255).astype(np.uint8)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    shutil.copy(TINY, tmp_path / "ours.onnx")
    digest = hashlib.sha256(TINY.read_bytes()).hexdigest()
    (tmp_path / "models.toml").write_text(f'produce = {{ file = "ours.onnx", sha256 = "{digest}" }}')
    return tmp_path


def desk(home: Path, sold: Range = SOLD) -> ProduceDesk:
    return ProduceDesk(home, sold, lambda: 11)


def test_only_what_is_sold_here_is_suggested(home: Path) -> None:
    red = desk(home).suggest(photo(RED))
    assert red.gtins == (TOMATO, LIME)
    assert red.sure
    assert TOMATO in desk(home).suggest(photo(BLUE)).gtins


def test_weight_tells_apart_what_looks_alike(home: Path) -> None:
    torn = photo(YELLOW)
    assert desk(home).suggest(torn, weight_g=60.0).gtins[0] == LIME
    assert not desk(home).suggest(torn, weight_g=60.0).sure


def test_five_photos_are_a_lesson_and_it_outlives_the_night(home: Path) -> None:
    today = desk(home)
    assert today.suggest(photo(ORANGE, 9)).gtins[0] == TOMATO
    today.teach(MANGO, [photo(ORANGE, seed) for seed in range(5)])
    assert today.suggest(photo(ORANGE, 9)).gtins[0] == MANGO
    tomorrow = desk(home)
    assert tomorrow.suggest(photo(ORANGE, 9)).gtins[0] == MANGO
    tomorrow.forget(MANGO)
    assert desk(home).suggest(photo(ORANGE, 9)).gtins[0] == TOMATO


def test_a_correction_is_learnt_and_a_sure_hit_is_not_repeated(home: Path) -> None:
    here = desk(home)
    here.chosen(here.suggest(photo(RED)), TOMATO)
    assert not (home / "taught.json").exists()
    for seed in range(2):
        here.chosen(here.suggest(photo(ORANGE, seed)), MANGO)
    assert here.suggest(photo(ORANGE, 5)).gtins[0] == MANGO
    assert here.suggest(photo(RED, 5)).gtins[0] == TOMATO


def test_a_corrected_article_that_the_model_knows_too_stands_there_once(home: Path) -> None:
    here = desk(home)
    here.teach(LIME, [photo(YELLOW, seed) for seed in range(5)])
    assert here.suggest(photo(YELLOW, 7)).gtins == (LIME, TOMATO)


def test_no_picture_stays(home: Path) -> None:
    here = desk(home)
    here.teach(MANGO, [photo(ORANGE)])
    here.chosen(here.suggest(photo(YELLOW)), LIME)
    assert {path.name for path in home.iterdir()} == {"models.toml", "ours.onnx", "taught.json"}
    assert (home / "taught.json").stat().st_size < 1_000


def test_a_lesson_has_some_photos_and_not_too_many(home: Path) -> None:
    with pytest.raises(NotTaught, match="1 to 20 photos"):
        desk(home).teach(MANGO, [])
    with pytest.raises(NotTaught, match="1 to 20 photos"):
        desk(home).teach(MANGO, [photo(RED)] * (LESSONS_MAX + 1))


def test_a_lesson_with_a_bad_picture_teaches_nothing(home: Path) -> None:
    here = desk(home)
    with pytest.raises(ValueError, match="a picture has"):
        here.teach(MANGO, [photo(ORANGE), np.zeros((0, 0, 3), np.uint8)])
    assert MANGO not in here.suggest(photo(ORANGE)).gtins


def test_a_shop_sells_on_without_eyes(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    (home / "ours.onnx").write_bytes(TINY.read_bytes() + b"\0")
    with pytest.raises(BadModel):
        desk(home)
    assert open_desk(home, SOLD, lambda: 11) is None
    assert "not named from pictures" in caplog.text
