"""Items are what many spots agree on; the score is the documented one; a folder not as said is refused."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk_ui.cli import main
from store_edge.vision.detector import KINDS, Detector, Picture, Spots
from store_edge.vision.items import ITEMS_MAX, Items, count_items, find_items
from store_edge.vision.items_scoring import PhotoScore, average_precision, matched, score_items
from store_edge.vision.overlap import covered, overlaps
from store_edge.vision.registry import find_model
from store_edge.vision.scoring import NothingToScore

SHARED = Path(os.environ.get("EMMA_SHARED") or Path(__file__).parents[3] / ".." / "shared")
MODEL, PHOTOS = SHARED / "models" / "yolox_nano.onnx", SHARED / "data" / "groceries"
PHOTOS_SCORED_EVERY = 8
AP50_MIN, COUNT_ERROR_MAX = 0.52, 0.80


def spots(*seen: tuple[list[float], float, int]) -> Spots:
    """Spots in a picture of 200 x 200: box, objectness, kind."""
    kinds = np.zeros((len(seen), KINDS), np.float32)
    for place, (_, _, kind) in enumerate(seen):
        kinds[place, kind] = 0.9
    boxes = np.array([box for box, _, _ in seen], np.float32).reshape(-1, 4)
    return Spots(boxes, np.array([sure for _, sure, _ in seen], np.float32), kinds, (200, 200))


BOTTLE, PERSON = 39, 0


class Sees:
    """A detector that sees the same in every picture."""

    def __init__(self, seen: Spots) -> None:
        self._seen = seen

    def look(self, picture: Picture) -> Spots:
        assert picture.size
        return self._seen


def test_what_many_spots_half_see_goes_before_what_one_sees_clearly() -> None:
    agreed = [([50 + n, 50, 100 + n, 150], 0.3, BOTTLE) for n in range(5)]
    alone = ([110, 50, 160, 150], 0.6, BOTTLE)
    items = find_items(spots(alone, *agreed))
    assert len(items.boxes) == 2
    assert items.boxes[0] == pytest.approx([52, 50, 102, 150])
    assert items.scores[0] > items.scores[1]


def test_a_person_is_no_item_and_the_middle_counts_more() -> None:
    items = find_items(
        spots(
            ([80, 80, 120, 120], 0.5, PERSON), ([60, 60, 80, 80], 0.5, BOTTLE), ([0, 0, 20, 20], 0.5, BOTTLE)
        )
    )
    assert [box[0] for box in items.boxes.tolist()] == [60, 0, 80]


def test_nothing_seen_is_no_item_and_a_thousand_spots_stay_bounded() -> None:
    assert count_items(find_items(spots())) == 0
    crowd = [([x, y, x + 6, y + 6], 0.9, BOTTLE) for x in range(0, 190, 8) for y in range(0, 190, 8)]
    items = find_items(spots(*crowd))
    assert len(items.boxes) == ITEMS_MAX
    assert 1 < count_items(items) <= ITEMS_MAX


def test_overlap_and_cover_by_hand() -> None:
    one, other = (
        np.array([[0, 0, 10, 10]], np.float32),
        np.array([[5, 0, 15, 10], [20, 20, 20, 20]], np.float32),
    )
    assert overlaps(one, other)[0] == pytest.approx([1 / 3, 0])
    assert covered(one, other)[0] == pytest.approx([0.5, 0])


def test_average_precision_by_hand() -> None:
    # of three items two are found, with a false find between: 1/3 x 1 + 1/3 x 2/3
    photo = PhotoScore(np.array([3, 2, 1], np.float32), np.array([True, False, True]), 3, 3)
    assert average_precision([photo]) == pytest.approx(1 / 3 + 2 / 9)
    # equal scores enter together, whatever their order
    even = PhotoScore(np.array([1, 1], np.float32), np.array([False, True]), 1, 1)
    assert average_precision([even]) == pytest.approx(0.5)
    assert average_precision([PhotoScore(np.empty(0, np.float32), np.empty(0, bool), 2, 0)]) == 0.0


def test_a_box_is_taken_once() -> None:
    found = Items(
        np.array([[0, 0, 10, 10], [0, 0, 10, 10], [0, 0, 40, 40]], np.float32), np.ones(3, np.float32)
    )
    assert matched(found, np.array([[0, 0, 10, 10]], np.float32)).tolist() == [True, False, False]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "images").mkdir()
    cv2.imwrite(str(tmp_path / "images" / "shelf.png"), np.full((200, 200, 3), 90, np.uint8))
    cv2.imwrite(str(tmp_path / "table.png"), np.full((200, 200, 3), 90, np.uint8))
    cut = tmp_path / "cut.jpg"
    cv2.imwrite(str(cut), np.random.default_rng(1).integers(0, 255, (90, 90, 3)).astype(np.uint8))
    cut.write_bytes(cut.read_bytes()[:2000])
    rows = ["file,label,x_min_px,y_min_px,x_max_px,y_max_px", "shelf.png,tea,50,50,100,150"]
    rows += ["table.png,tea,50,50,100,150", "table.png,tea,0,0,1,80", "table.png,tea,110,50,160,150"]
    rows += ["cut.jpg,tea,1,1,9,9", "gone.jpg,tea,1,1,9,9", "../boxes.csv,tea,1,1,9,9"]
    (tmp_path / "boxes.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return tmp_path


def test_a_folder_is_scored_and_what_cannot_be_opened_is_named(folder: Path) -> None:
    seen = Sees(spots(([50, 50, 100, 150], 0.9, BOTTLE)))
    said = score_items(folder, seen).as_json()  # type: ignore[arg-type]
    assert {"ap50", "count_mae", "cpu_ms_p50"} <= set(said)
    assert (said["n"], said["items"]) == (2, 3)
    assert said["ap50"] == pytest.approx(2 / 3, abs=1e-4)
    assert said["count_mae"] == 0.5
    assert said["refused"] == [
        "cut.jpg: broken picture",
        "gone.jpg: missing",
        "../boxes.csv: not a file of this folder",
    ]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (None, "cannot be read"),
        ("file,x_min_px\n", "has no column 'y_min_px'"),
        ("file,x_min_px,y_min_px,x_max_px,y_max_px\n", "has no rows"),
        ("file,x_min_px,y_min_px,x_max_px,y_max_px\nx.png,1,2,three,4\n", "line 2: a side is no number"),
        ("file,x_min_px,y_min_px,x_max_px,y_max_px\nx.png,1,2,nan,4\n", "line 2: a side is no number"),
        ("file,x_min_px,y_min_px,x_max_px,y_max_px\nx.png,1,2,2,4\n", "has no boxes"),
        ("file,x_min_px,y_min_px,x_max_px,y_max_px\nx.png,1,2,9,9\n", "no photo"),
    ],
)
def test_a_folder_that_is_not_as_documented_is_refused_in_words(
    tmp_path: Path, table: str | None, words: str
) -> None:
    if table is not None:
        (tmp_path / "boxes.csv").write_text(table, encoding="utf-8")
    with pytest.raises(NothingToScore, match=words):
        score_items(tmp_path, Sees(spots()))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["items", "people"])
def test_without_a_model_the_command_says_so(
    tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    line = find_model("yolox-nano")
    gone = replace(line, file=tmp_path / line.file.name)
    monkeypatch.setattr("kiosk_ui.items_command.find_model", lambda name, home: gone)
    monkeypatch.setenv("EMMA_MODELS", str(tmp_path))
    assert main(["score", kind, str(tmp_path)]) == 2
    assert "`emma models get yolox-nano` fetches it" in capsys.readouterr().err
    gone.file.write_bytes(b"other weights")
    assert main(["score", kind, str(tmp_path)]) == 2
    assert "is not the model yolox-nano of the registry" in capsys.readouterr().err
    monkeypatch.undo()
    assert main(["score", kind, str(tmp_path), "--model", "yolox-mano"]) == 2
    assert "there is no model 'yolox-mano'" in capsys.readouterr().err


@pytest.mark.skipif(
    not (MODEL.exists() and PHOTOS.is_dir()), reason="no photos: set EMMA_SHARED to the folder of shared data"
)
def test_real_photos_are_counted_better_than_by_always_saying_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMMA_MODELS", str(MODEL.parent))
    lines = (PHOTOS / "boxes.csv").read_text("utf-8").splitlines()
    files = sorted({line.split(",")[0] for line in lines[1:]})[::PHOTOS_SCORED_EVERY]
    some = [line for line in lines[1:] if line.split(",")[0] in files]
    (tmp_path / "boxes.csv").write_text("\n".join([lines[0], *some]) + "\n", encoding="utf-8")
    (tmp_path / "images").symlink_to(PHOTOS.resolve() / "images")
    assert main(["score", "items", str(tmp_path), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["n"] == len(files)
    assert said["ap50"] > AP50_MIN
    assert said["count_mae"] < min(COUNT_ERROR_MAX, said["count_mae_of_two"])
    assert main(["score", "items", str(tmp_path / "images")]) == 2


def test_a_picture_of_100_megapixels_is_looked_at_small(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "big.jpg"), np.full((10_000, 10_000, 3), 200, np.uint8))
    (tmp_path / "boxes.csv").write_text(
        "file,x_min_px,y_min_px,x_max_px,y_max_px\nbig.jpg,1,1,90,90\n", encoding="utf-8"
    )

    class Measures(Sees):
        def look(self, picture: Picture) -> Spots:
            assert picture.shape == (2500, 2500, 3)
            return super().look(picture)

    assert score_items(tmp_path, Measures(spots())).as_json()["n"] == 1  # type: ignore[arg-type]


@pytest.mark.skipif(not MODEL.exists(), reason="no model: set EMMA_SHARED to the folder of shared data")
def test_the_detector_s_best_find_is_where_the_thing_is() -> None:
    picture = np.full((300, 400, 3), 200, np.uint8)
    cv2.rectangle(picture, (150, 80), (230, 260), (30, 40, 200), -1)
    cv2.rectangle(picture, (175, 40), (205, 80), (20, 20, 20), -1)
    items = find_items(Detector(MODEL.read_bytes()).look(picture))
    truth = np.array([[150, 40, 231, 261]], np.float32)
    assert overlaps(items.boxes[:3], truth).max() > 0.5
