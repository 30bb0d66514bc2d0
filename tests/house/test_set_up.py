"""Set-up does what is missing, leaves alone what stands, and says in one sentence what it cannot do."""

from __future__ import annotations

import importlib
import io
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("steps", "system", "setup")


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, ModuleType]]:
    """The set-up scripts as modules; forgotten afterwards, as their names are everybody's."""
    monkeypatch.syspath_prepend(str(ROOT / ".make"))
    yield {name: importlib.import_module(name) for name in NAMES}
    for name in NAMES:
        sys.modules.pop(name, None)


@pytest.fixture
def steps(scripts: dict[str, ModuleType]) -> ModuleType:
    return scripts["steps"]


@pytest.fixture
def system(scripts: dict[str, ModuleType]) -> ModuleType:
    return scripts["system"]


def test_a_step_is_made_once_and_again_when_what_it_is_made_from_changes(
    steps: ModuleType, tmp_path: Path
) -> None:
    done, made = steps.Done(tmp_path / "done.json"), []

    def all_steps(key: str) -> list[object]:
        first = steps.Step("first", "same", lambda: True, lambda: made.append("first"))
        return [first, steps.Step("second", key, lambda: True, lambda: made.append("second"))]

    assert steps.bring_about(all_steps("a"), done) == ["first", "second"]
    assert steps.bring_about(all_steps("a"), done) == []
    assert steps.bring_about(all_steps("b"), done) == ["second"]
    assert made == ["first", "second", "second"]


def test_a_step_is_made_again_when_its_result_is_gone(steps: ModuleType, tmp_path: Path) -> None:
    done, result = steps.Done(tmp_path / "done.json"), tmp_path / "result"
    step = steps.Step("one", "key", result.exists, result.touch)
    assert steps.bring_about([step], done) == ["one"]
    result.unlink()
    assert steps.bring_about([step], done) == ["one"]


def test_a_failed_step_is_not_remembered(steps: ModuleType, tmp_path: Path) -> None:
    done = steps.Done(tmp_path / "done.json")

    def fail() -> None:
        raise steps.CannotSetUp("no network")

    with pytest.raises(steps.CannotSetUp, match="no network"):
        steps.bring_about([steps.Step("one", "key", lambda: True, fail)], done)
    assert done.keys() == {}


def test_a_torn_memory_only_means_doing_it_again(steps: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "done.json").write_text('{"first": ', encoding="utf-8")
    assert steps.Done(tmp_path / "done.json").keys() == {}


def test_a_fingerprint_keeps_its_parts_apart(steps: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "pins").write_text("a", encoding="utf-8")
    before = steps.fingerprint("x", tmp_path / "pins")
    (tmp_path / "pins").write_text("b", encoding="utf-8")
    assert steps.fingerprint("x", tmp_path / "pins") != before
    assert steps.fingerprint("ab", "c") != steps.fingerprint("a", "bc")


def test_a_failing_command_shows_the_end_of_what_it_said(steps: ModuleType, tmp_path: Path) -> None:
    program = "print('some words before'); print('no such package'); raise SystemExit(3)"
    with pytest.raises(steps.CannotSetUp, match="no such package"):
        steps.watch([sys.executable, "-c", program], "a try", tmp_path / "log", out=io.StringIO())
    assert "some words before" in (tmp_path / "log").read_text("utf-8")


def test_a_command_that_hangs_is_ended(steps: ModuleType, tmp_path: Path) -> None:
    began = time.monotonic()
    sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    with pytest.raises(steps.CannotSetUp):
        steps.watch(sleep, "a long try", tmp_path / "log", seconds_max=0.2, out=io.StringIO())
    assert time.monotonic() - began < 30


def test_two_set_ups_of_one_clone_do_not_mix(steps: ModuleType, tmp_path: Path) -> None:
    with (
        steps.alone(tmp_path),
        pytest.raises(steps.CannotSetUp, match="does not come to an end"),
        steps.alone(tmp_path, wait_s_max=0.0),
    ):
        pass
    with steps.alone(tmp_path, wait_s_max=0.0):
        pass


@pytest.mark.parametrize(
    ("os_release", "expected"),
    [
        ('ID=debian\nVERSION_ID="12"\n', "debian"),
        ('ID=linuxmint\nID_LIKE="ubuntu debian"\n', "debian"),
        ("ID=fedora\n", "fedora"),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"\n', "fedora"),
        ('ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\n', "suse"),
        ("ID=arch\n", "arch"),
        ("ID=alpine\n", "alpine"),
        ("ID=nixos\n", "other"),
    ],
)
def test_the_system_is_told_by_its_own_file(
    system: ModuleType, tmp_path: Path, os_release: str, expected: str
) -> None:
    path = tmp_path / "os-release"
    path.write_text(os_release, encoding="utf-8")
    assert system.family(path, platform="linux") == expected


def test_a_system_without_the_file_is_some_other(system: ModuleType, tmp_path: Path) -> None:
    assert system.family(tmp_path / "missing", platform="linux") == "other"
    assert system.family(tmp_path / "missing", platform="darwin") == "macos"


@pytest.mark.parametrize("kind", ["debian", "fedora", "suse", "arch", "alpine", "macos", "other"])
def test_what_is_missing_is_said_on_one_line(system: ModuleType, kind: str) -> None:
    said = system.sentence([system.ZBAR, system.CHROMIUM], kind)
    assert said.startswith(
        "This machine still lacks libzbar (reads barcodes in camera pictures) and Chromium"
    )
    assert "\n" not in said
    if kind != "other":
        assert system.INSTALLERS[kind] in said
        assert system.ZBAR.packages[kind] in said


def test_where_apt_may_not_run_the_sentence_is_the_answer(
    system: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    missing = system.Part("a part", "does something", lambda: False, {"debian": "a-package"})
    monkeypatch.setattr(system, "family", lambda: "debian")
    monkeypatch.setattr(system, "apt_prefix", lambda: None)
    with pytest.raises(Exception, match="sudo apt-get install a-package"):
        system.provide([missing], tmp_path / "log")


def test_what_is_there_asks_nobody(system: ModuleType, tmp_path: Path) -> None:
    present = system.Part("a part", "does something", lambda: True, {})
    system.provide([present], tmp_path / "log")
    assert not (tmp_path / "log").exists()


def test_an_environment_of_another_place_is_not_kept(
    scripts: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    setup = scripts["setup"]
    here, moved = tmp_path / "here", tmp_path / "moved"
    for place in (here, moved):
        (place / "bin").mkdir(parents=True)
        (place / "bin" / "python").symlink_to(sys.executable)
        (place / "bin" / "pip").write_text(f"#!{here}/bin/python\n", encoding="utf-8")
    monkeypatch.setattr(setup, "_answer", lambda command: "")
    for place, kept in ((here, True), (moved, False)):
        monkeypatch.setattr(setup, "VENV", place)
        monkeypatch.setattr(setup, "PYTHON", place / "bin" / "python")
        assert setup.environment_works() is kept


def test_an_unknown_aim_is_refused(
    scripts: dict[str, ModuleType], capsys: pytest.CaptureFixture[str]
) -> None:
    assert scripts["setup"].main(["moon"]) == 2
    assert "usage" in capsys.readouterr().err
