"""People are counted by looks that agree; clips that cannot be played are named."""

from __future__ import annotations

import json
import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk_ui.cli import main
from store_edge.vision.detector import KINDS, Floats, Picture, Spots
from store_edge.vision.people import NEW_MIN, STILL_MIN, Headcount, of_second, people
from store_edge.vision.people_scoring import score_people
from store_edge.vision.scoring import NothingToScore

SHARED = Path(os.environ.get("EMMA_SHARED") or Path(__file__).parents[3] / ".." / "shared")
MODEL, CLIPS = SHARED / "models" / "yolox_nano.onnx", SHARED / "data" / "video"
LABELS = Path(__file__).parents[2] / "recordings" / "people"
NOBODY: Floats = np.empty((0, 4), np.float32)
FPS = 12


def seen(*persons: tuple[list[float], float]) -> Spots:
    kinds = np.zeros((len(persons), KINDS), np.float32)
    kinds[:, 0] = 1
    boxes = np.array([box for box, _ in persons], np.float32).reshape(-1, 4)
    return Spots(boxes, np.array([sure for _, sure in persons], np.float32), kinds, (100, 100))


def test_somebody_seen_a_look_ago_is_believed_sooner_than_somebody_new() -> None:
    faint = seen(([10, 10, 30, 60], (NEW_MIN + STILL_MIN) / 2))
    assert len(people(faint, NOBODY)) == 0
    assert len(people(faint, np.array([[12, 10, 32, 60]], np.float32))) == 1
    assert len(people(faint, np.array([[60, 10, 80, 60]], np.float32))) == 0


def test_a_head_inside_a_person_is_no_second_one_and_neighbours_are_two() -> None:
    whole, head, beside = [10.0, 10, 40, 90], [18.0, 10, 30, 25], [35.0, 10, 65, 90]
    assert len(people(seen((whole, 0.9), (head, 0.7)), NOBODY)) == 1
    assert len(people(seen((whole, 0.9), (beside, 0.7)), NOBODY)) == 2
    assert len(people(seen(), NOBODY)) == 0


def test_a_second_is_what_most_looks_say() -> None:
    assert of_second([2, 3, 2]) == 2
    assert of_second([0, 1]) == 0


class Bright:
    """A detector that sees a person wherever a picture is bright on the left, and one on the right."""

    def look(self, picture: Picture) -> Spots:
        halves = picture[:, :32], picture[:, 32:]
        places = ([4.0, 4, 28, 44], [36.0, 4, 60, 44])
        return seen(*((box, 0.9) for half, box in zip(halves, places, strict=True) if half.mean() > 128))


def clip(path: Path, counts: list[int]) -> None:
    """A clip of 64 x 48 with `counts` bright halves in each second."""
    film = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), FPS, (64, 48))
    for count in counts:
        picture = np.zeros((48, 64, 3), np.uint8)
        picture[:, : 32 * count] = 255
        for _ in range(FPS):
            film.write(picture)
    film.release()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    clip(tmp_path / "door.avi", [0, 1, 2, 1])
    clip(tmp_path / "cut.avi", [1, 1, 1, 1, 1, 1])
    cut = tmp_path / "cut.avi"
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 2])
    (tmp_path / "words.mp4").write_text("no clip")
    rows = [
        "video,second,count",
        "door.avi,0,0",
        "door.avi,1,1",
        "door.avi,2,1",
        "door.avi,3,1",
        "door.avi,9,1",
    ]
    rows += ["cut.avi,0,1", "cut.avi,5,1", "words.mp4,0,1", "gone.mp4,0,1", "../counts.csv,0,1"]
    (tmp_path / "counts.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return tmp_path


def test_seconds_are_scored_and_what_cannot_be_played_is_named(folder: Path) -> None:
    score = score_people(folder, Bright())  # type: ignore[arg-type]
    said = score.as_json()
    assert [row for row in score.seconds if row[0] == "door.avi"] == [
        ("door.avi", 0, 0, 0),
        ("door.avi", 1, 1, 1),
        ("door.avi", 2, 1, 2),
        ("door.avi", 3, 1, 1),
    ]
    assert {"mae", "exact", "cpu_ms_p50"} <= set(said)
    assert said["wrong"] == [{"video": "door.avi", "second": 2, "count": 1, "counted": 2}]
    assert "door.avi: second 9 is not in the clip" in said["refused"]
    assert "cut.avi: second 5 is not in the clip" in said["refused"]
    assert said["refused"][-3:] == [
        "words.mp4: no clip that can be played",
        "gone.mp4: missing",
        "../counts.csv: not a file of this folder",
    ]


def test_clips_may_lie_elsewhere(folder: Path, tmp_path: Path) -> None:
    labels = tmp_path / "labels"
    labels.mkdir()
    (labels / "counts.csv").write_text("video,second,count\ndoor.avi,1,1\n", encoding="utf-8")
    assert score_people(labels, Bright(), folder).as_json()["exact"] == 1  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (None, "cannot be read"),
        ("video,second\n", "has no column 'count'"),
        ("video,second,count\nx.mp4,one,1\n", "line 2: second and count are whole numbers"),
        ("video,second,count\nx.mp4,1,-1\n", "line 2: second and count are whole numbers"),
        ("video,second,count\nx.mp4,99999,1\n", "at most 3600 seconds"),
        ("video,second,count\nx.mp4,1,1\n", "could be counted"),
    ],
)
def test_a_folder_that_is_not_as_documented_is_refused_in_words(
    tmp_path: Path, table: str | None, words: str
) -> None:
    if table is not None:
        (tmp_path / "counts.csv").write_text(table, encoding="utf-8")
    with pytest.raises(NothingToScore, match=words):
        score_people(tmp_path, Bright())  # type: ignore[arg-type]


def test_a_headcount_keeps_boxes_of_the_last_look_only() -> None:
    count = Headcount(Bright())  # type: ignore[arg-type]
    assert count.look(np.full((48, 64, 3), 255, np.uint8)) == 2
    assert count.look(np.zeros((48, 64, 3), np.uint8)) == 0
    assert {name: np.shape(kept) for name, kept in vars(count).items() if name != "_detector"} == {
        "_there": (0, 4)
    }


@pytest.mark.skipif(
    not (MODEL.exists() and CLIPS.is_dir()), reason="no clips: set EMMA_SHARED to the folder of shared data"
)
def test_people_in_a_real_aisle(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMMA_MODELS", str(MODEL.parent))
    rows = (LABELS / "counts.csv").read_text("utf-8").splitlines()
    aisle = [rows[0], *(row for row in rows if "aisle" in row)]
    (tmp_path / "counts.csv").write_text("\n".join(aisle) + "\n", encoding="utf-8")
    assert main(["score", "people", str(tmp_path), "--videos", str(CLIPS), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["n"] == 4
    assert said["mae"] <= 0.25
