"""What the README says is proven of each device is what the grades say, and they say it of every driver."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from hardware.grades import as_table, read_grades

ROOT = Path(__file__).resolve().parents[2]


def test_every_driver_has_a_grade_and_every_grade_a_driver() -> None:
    points = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"]
    assert {grade.driver for grade in read_grades()} == set(points["emma.drivers"])


def test_the_tests_that_a_grade_names_exist() -> None:
    assert [grade.tests for grade in read_grades() if not (ROOT / grade.tests).exists()] == []


def test_the_readme_shows_this_table() -> None:
    assert as_table(read_grades()) in (ROOT / "README.md").read_text("utf-8")


def test_without_anything_from_outside_a_driver_is_unverified(tmp_path: Path) -> None:
    file = tmp_path / "grades.toml"
    row = '["scale.x"]\ndevice = "scales"\ngrade = "{}"\ntests = "tests"\nevidence = {}\n'
    file.write_text(row.format("emulated", "[]"), encoding="utf-8")
    assert "emulated, unverified" in as_table(read_grades(file))
    file.write_text(row.format("emulated", '["a vector"]'), encoding="utf-8")
    assert "unverified" not in as_table(read_grades(file))
    file.write_text(row.format("proven", "[]"), encoding="utf-8")
    with pytest.raises(ValueError, match="without evidence"):
        read_grades(file)
    file.write_text(row.format("trusted", "[]"), encoding="utf-8")
    with pytest.raises(ValueError, match="no grade"):
        read_grades(file)
