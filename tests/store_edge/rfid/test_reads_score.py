"""Recorded reads: read whatever shape they come in, scored without being fitted on."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import numpy as np
import pytest

from kiosk_ui.cli import main
from store_edge.rfid import simulator
from store_edge.rfid.judge import load_parameters
from store_edge.rfid.left_out import left_out_figures, sessions
from store_edge.rfid.log import BadLog, Log, parse_log
from store_edge.rfid.scoring import NothingToScore, read_folder, score_logs
from store_edge.rfid.training import train_on_simulator, true_zone, windows

REAL = Path(os.environ.get("EMMA_SHARED", "../shared")) / "data" / "rfid_reads"
BOX = "beam_id,epc,frequency,phase,rssi,time,in_box"


def box_table(log: Log) -> str:
    assert log.in_box is not None
    rows = zip(log.antenna, log.tag, log.rssi_dbm, log.time_s, strict=True)
    lines = [
        f"{antenna},{log.epcs[tag]},866900000,0,{rssi * 10:.0f},{1e9 + at_s:.6f},{int(log.in_box[tag])}"
        for antenna, tag, rssi, at_s in rows
    ]
    return "\n".join([BOX, *lines])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two simulated boxes, written as a reader would log them."""
    home = tmp_path_factory.mktemp("reads")
    for number in range(2):
        log = simulator.box_log(np.random.default_rng(number), duration_s=7.0)
        (home / f"box_{number}.csv").write_text(box_table(log), "utf-8")
    return home


def test_columns_may_stand_in_any_order() -> None:
    one = parse_log([BOX, "1,E280,1,2,-701,5.5,1", "0,E280,1,2,-690,5.0,1"], "a")
    other = parse_log(["in_box,time,rssi,epc,beam_id", "1,5.5,-701,e280,1", "1,5.0,-690,E280,0"], "b")
    for log in (one, other):
        assert log.rssi_dbm.tolist() == [-69.0, -70.1]
        assert log.time_s.tolist() == [0.0, 0.5]
        assert log.antenna.tolist() == [0, 1]
        assert log.epcs == ("E280",)
        assert log.in_box is not None
        assert log.in_box.tolist() == [True]


def test_a_tag_may_change_its_zone_within_a_log() -> None:
    rows = [f"{at_s / 10},{1 if at_s < 60 else 3},-50,E280,{1 if at_s < 60 else 3}" for at_s in range(120)]
    log = parse_log(["timestamp,antenna,rssi,epc,truth_zone", *rows], "a")
    assert log.kind == "zone"
    assert [true_zone(window) for window in windows(log, 3.0)] == [1, 1, 3, 3]
    figures = {figure.key: figure.value for figure in score_logs([log], load_parameters()).figures}
    assert figures["zone_1s"] == 1.0


def test_bad_rows_are_left_out_and_counted() -> None:
    rows = ["1,E280,1,2,-701,5,1", "x,E280,1,2,-701,5,1", "1,zz,1,2,-7,5,1", "1,E280,1,2,nan,5,0", "1,E2", ""]
    log = parse_log([BOX, *rows, "1,E281,1,2,-650,6,0"], "a")
    assert (len(log), log.bad_rows) == (2, 4)


@pytest.mark.parametrize("text", ["", "a,b\n1,2", BOX, f"{BOX}\nx", "\0\0"])
def test_what_is_no_log_is_refused(text: str) -> None:
    with pytest.raises(BadLog):
        parse_log(text.splitlines(keepends=True), "a")


def test_random_bytes_end_in_a_log_or_a_refusal() -> None:
    chance = random.Random(5)
    for _ in range(200):
        text = BOX + "\n" + "".join(chr(chance.randrange(1, 300)) for _ in range(200))
        try:
            parse_log(text.splitlines(keepends=True), "a")
        except BadLog:
            continue


def test_one_kind_alone_is_scored(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", "reads", str(folder), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["in_box_f1_3s"] > 0.6
    assert 0 <= said["ece"] <= 1
    assert said["logs"]["box"] == 2
    assert "zone_5s" not in said
    assert "simulator" in said["parameters"]


def test_the_table_names_intervals_and_wrong_and_missing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "notes.csv").write_text("hello", "utf-8")
    assert main(["score", "reads", str(folder)]) == 0
    said = capsys.readouterr().out
    for words in ("95 % interval", "wrong", "missing", "reference", "left out: notes"):
        assert words in said


def test_nothing_to_score_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", "reads", str(tmp_path)]) == 2
    assert main(["score", "reads", str(tmp_path / "nowhere")]) == 2
    assert "no folder" in capsys.readouterr().err
    with pytest.raises(NothingToScore):
        score_logs([], load_parameters())


def test_a_log_is_replayed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rfid", "replay", str(folder / "box_1.csv"), "--speed", "0"]) == 0
    assert "arrived" in capsys.readouterr().out
    assert main(["rfid", "replay", str(folder / "none.csv")]) == 2


def test_a_site_calibrates_itself(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "site.toml"
    assert main(["rfid", "calibrate", str(folder), "--to", str(own)]) == 0
    assert "calibration on 2 logs" in load_parameters(own).card["source"]
    assert main(["score", "reads", str(folder), "--json", "--parameters", str(own)]) == 0
    capsys.readouterr()
    own.write_text("nonsense = [", "utf-8")
    assert main(["score", "reads", str(folder), "--parameters", str(own)]) == 2


def test_the_same_seed_trains_the_same_weights() -> None:
    one, other = (train_on_simulator(3, share=0.02) for _ in range(2))
    assert one.heading == other.heading
    assert all(np.array_equal(one.zone[key], other.zone[key]) for key in one.zone)


@pytest.mark.skipif(not REAL.is_dir(), reason="the recorded logs (EMMA_SHARED) are not here")
def test_recorded_logs_are_judged_well_by_weights_that_never_saw_them() -> None:
    logs, refused = read_folder(REAL)
    figures = {figure.key: figure for figure in score_logs(logs, load_parameters(), refused).figures}
    floors = {
        "in_box_f1_1s": 0.92,
        "in_box_f1_3s": 0.94,
        "in_box_f1_30s": 0.95,
        "in_box_f1_3s_fresh": 0.82,
        "zone_1s": 0.59,
        "zone_5s": 0.64,
        "direction": 0.98,
    }
    assert {key: figures[key].value for key, floor in floors.items() if figures[key].value < floor} == {}
    assert figures["ece"].value <= 0.05
    boxes = [log for log in logs if log.kind == "box"]
    assert [len(part) for part in sessions(boxes)] == [5, 5, 5]
    left_out = {figure.key: figure.value for figure in left_out_figures(boxes, load_parameters())}
    assert left_out["in_box_f1_3s_fresh_left_out"] > 0.8
