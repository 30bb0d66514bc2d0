"""Loose produce is named by embeddings, learns from five photos, and refuses what is no model or no picture.

The tiny models tell mean colours apart: `colours` has no kinds of its own, `kinds` knows Tomato, Lime, Plum.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from store_edge.vision.priors import PIECES_MAX, SEASON_SAYS, WEIGHT_SAYS_MOST, Habit, prior
from store_edge.vision.produce import Picture, ProduceEye
from store_edge.vision.registry import BadModel
from store_edge.vision.taught import ARTICLES_MAX, LOOKS_MAX, NotTaught, Taught, load_taught

TINY = Path(__file__).parent / "tiny_models"
RED, GREEN, BLUE, ORANGE = (20, 20, 220), (20, 220, 20), (220, 20, 20), (20, 120, 220)


def eye(name: str = "kinds") -> ProduceEye:
    return ProduceEye((TINY / f"{name}.onnx").read_bytes())


def photo(bgr: tuple[int, int, int], seed: int = 0, size: tuple[int, int] = (60, 80)) -> Picture:
    """A grainy patch of one colour."""
    grain = np.random.default_rng(seed).integers(-15, 16, (*size, 3))
    return np.clip(np.array(bgr) + grain, 0, 255).astype(np.uint8)


def test_the_likeliest_three_come_first_and_a_clear_one_is_sure() -> None:
    look = eye().look(photo(RED))
    assert look.guesses[0].key == "Tomato"
    assert len(look.guesses) == 3
    assert sum(guess.share for guess in look.guesses) == pytest.approx(1.0)
    assert look.sure
    assert np.linalg.norm(look.embedding) == pytest.approx(1.0, abs=1e-5)


def test_between_two_kinds_it_asks() -> None:
    look = eye().look(photo((20, 200, 200)))
    assert {guess.key for guess in look.guesses[:2]} == {"Tomato", "Lime"}
    assert not look.sure


def test_an_article_is_learnt_from_five_photos() -> None:
    known = eye()
    assert known.look(photo(ORANGE)).guesses[0].key == "Tomato"
    taught = Taught("m")
    for seed in range(5):
        taught.teach("4012345", known.embed(photo(ORANGE, seed))[0])
    assert known.look(photo(ORANGE, 9), taught).guesses[0].key == "4012345"
    assert known.look(photo(RED, 9), taught).guesses[0].key == "Tomato"


def test_a_model_without_kinds_knows_what_the_store_taught_it() -> None:
    bare = eye("colours")
    assert bare.look(photo(RED)).guesses == ()
    taught = Taught("m")
    taught.teach("beet", bare.embed(photo(RED))[0])
    taught.teach("kale", bare.embed(photo(GREEN))[0])
    assert bare.look(photo(GREEN, 3), taught).guesses[0].key == "kale"


def test_corrections_move_an_article() -> None:
    known, taught = eye("colours"), Taught("m")
    taught.teach("apple", known.embed(photo(RED))[0])
    taught.teach("pear", known.embed(photo(GREEN))[0])
    yellowish = (20, 160, 185)
    assert known.look(photo(yellowish), taught).guesses[0].key == "apple"
    for seed in range(3):
        taught.teach("pear", known.embed(photo(yellowish, seed))[0])
    assert known.look(photo(yellowish, 7), taught).guesses[0].key == "pear"


def test_a_prior_decides_between_two_that_look_alike() -> None:
    known, torn = eye(), photo((20, 200, 200))
    assert known.look(torn, prior={"Lime": 3.0}).guesses[0].key == "Lime"
    assert known.look(torn, prior={"Tomato": 3.0}).guesses[0].key == "Tomato"


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((0, 0, 3), np.uint8),
        np.zeros((0, 50, 3), np.uint8),
        np.zeros((50, 50), np.uint8),
        np.zeros((50, 50, 4), np.uint8),
        np.zeros((50, 50, 3), np.float32),
    ],
)
def test_what_is_no_picture_is_refused(picture: Picture) -> None:
    with pytest.raises(ValueError, match="a picture has height, width and three bytes"):
        eye().look(picture)


@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (10_000, 10_000)])
def test_any_size_is_looked_at(size: tuple[int, int]) -> None:
    look = eye().look(np.broadcast_to(np.array(BLUE, np.uint8), (*size, 3)))
    assert look.guesses[0].key == "Plum"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("numbers", "takes something else than a picture"),
        ("nameless", r"gives \['out'\]"),
        ("map", "embedding is"),
        ("labels_short", "2 labels, but"),
        ("labels_garbled", "says of its labels cannot be read"),
    ],
)
def test_a_model_with_other_shapes_is_refused_in_words(name: str, words: str) -> None:
    with pytest.raises(BadModel, match=words):
        eye(name)


@pytest.mark.parametrize("data", [b"", b"no model", (TINY / "kinds.onnx").read_bytes()[:-200]])
def test_a_file_that_is_no_model_is_refused(data: bytes) -> None:
    with pytest.raises(BadModel, match="no model that can be run"):
        ProduceEye(data)


def test_what_was_taught_outlives_the_night(tmp_path: Path) -> None:
    file, taught = tmp_path / "taught.json", Taught("model-a")
    for seed in range(LOOKS_MAX + 3):
        taught.teach("apple", np.random.default_rng(seed).normal(size=8).astype(np.float32))
    taught.teach("pear", np.ones(8, np.float32))
    taught.forget("plum")
    taught.save(file)
    again = load_taught(file, "model-a")
    assert again.articles == {"apple": LOOKS_MAX, "pear": 1}
    ones = np.ones(8, np.float32)
    assert again.near(ones)["pear"] == pytest.approx(np.sqrt(8), rel=1e-3)
    assert again.near(ones)["apple"] == pytest.approx(taught.near(ones)["apple"], rel=1e-2)
    assert list(tmp_path.iterdir()) == [file]
    again.forget("pear")
    assert set(again.near(ones)) == {"apple"}


def test_another_model_must_be_taught_again(tmp_path: Path) -> None:
    Taught("model-a").save(tmp_path / "taught.json")
    with pytest.raises(NotTaught, match="another model"):
        load_taught(tmp_path / "taught.json", "model-b")
    assert load_taught(tmp_path / "gone.json", "model-b").articles == {}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[1]",
        '{"model": "m", "articles": {"a": ["###"]}}',
        '{"model": "m", "articles": {"a": [3]}}',
        '{"model": "m", "articles": 3}',
    ],
)
def test_a_damaged_file_is_said_to_be_one(tmp_path: Path, text: str) -> None:
    (tmp_path / "taught.json").write_text(text)
    with pytest.raises(NotTaught, match="cannot be read"):
        load_taught(tmp_path / "taught.json", "m")


@pytest.mark.parametrize("embedding", [np.zeros(4), np.array([1, np.nan, 1, 1]), np.ones((2, 2)), np.ones(5)])
def test_what_is_no_embedding_of_this_model_is_not_taught(embedding: np.ndarray) -> None:
    taught = Taught("m")
    taught.teach("apple", np.ones(4, np.float32))
    with pytest.raises(NotTaught):
        taught.teach("pear", embedding.astype(np.float32))
    assert taught.articles == {"apple": 1}


def test_a_store_teaches_so_many_articles_and_no_more() -> None:
    taught = Taught("m")
    for number in range(ARTICLES_MAX):
        taught.teach(str(number), np.ones(2, np.float32))
    with pytest.raises(NotTaught, match="are taught already"):
        taught.teach("one more", np.ones(2, np.float32))
    taught.teach("7", np.ones(2, np.float32))
    with pytest.raises(NotTaught, match="1 to 80 characters"):
        taught.teach("", np.ones(2, np.float32))


def test_weight_and_season_lean_but_never_rule_out() -> None:
    habits = {
        "apple": Habit(piece_g=180.0, spread=0.15),
        "melon": Habit(piece_g=1400.0),
        "grapes": Habit(),
        "asparagus": Habit(months=frozenset({4, 5, 6})),
    }
    says = prior(habits, 182.0, 11)
    assert says["apple"] == pytest.approx(0.0, abs=0.01)
    assert says["melon"] == -WEIGHT_SAYS_MOST
    assert says["grapes"] == 0.0
    assert says["asparagus"] == -SEASON_SAYS
    assert prior(habits, 182.0, 5)["asparagus"] == 0.0
    assert prior(habits, None, 11)["melon"] == 0.0
    assert prior(habits, 1e9, 11)["apple"] == -WEIGHT_SAYS_MOST
    assert prior(habits, 180.0 * PIECES_MAX, 11)["apple"] == 0.0


def test_the_tiny_models_carry_what_the_shipped_one_carries() -> None:
    kinds = eye().kinds
    assert kinds.fine == ("Tomato", "Lime", "Plum")
    assert kinds.coarse == ("Vegetable", "Fruit", "Fruit")
    assert json.loads(json.dumps(kinds.scale)) == 8.0
