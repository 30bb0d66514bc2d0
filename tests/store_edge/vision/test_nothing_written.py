"""Privacy: while pictures are looked at, the process opens no file for writing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("EMMA_SHARED") or Path(__file__).parents[3] / ".." / "shared")
MODEL, CLIPS = SHARED / "models" / "yolox_nano.onnx", SHARED / "data" / "video"
ROOT = Path(__file__).parents[3]

TRACED = """
import os, sys
from pathlib import Path
import numpy as np
from kiosk_ui.cli import main
from store_edge.vision.second_look import SecondLook

written = []
def trace(event, args):
    if event == "open":
        mode, flags = args[1] or "", args[2] or 0
        if set(mode) & set("wax+") or flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            written.append(args[0])
    if event in ("os.rename", "os.mkdir", "os.link", "os.symlink", "shutil.copyfile", "tempfile.mkstemp"):
        written.append(args[0])
sys.addaudithook(trace)
look = SecondLook()
for number in range(40):
    look.look(np.full((90, 120, 3), 100 + 60 * (number > 20), np.uint8), number / 10)
before, folder = set(Path().rglob("*")), sys.argv[1]
assert main(["score", "people", folder, "--videos", sys.argv[2]]) == 0
assert set(Path().rglob("*")) == before
assert not written, written
"""


@pytest.mark.skipif(
    not (MODEL.exists() and CLIPS.is_dir()), reason="no clips: set EMMA_SHARED to the folder of shared data"
)
def test_counting_people_and_goods_writes_nothing(tmp_path: Path) -> None:
    labels = tmp_path / "labels"
    labels.mkdir()
    (labels / "counts.csv").write_text(
        "video,second,count\nstore-aisle-detection.gif,0,2\n", encoding="utf-8"
    )
    empty = tmp_path / "empty"
    empty.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", TRACED, str(labels), str(CLIPS.resolve())],
        cwd=empty,
        env={
            **os.environ,
            "EMMA_MODELS": str(MODEL.parent.resolve()),
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert list(empty.iterdir()) == []
