"""Every package that running Emma brings along may be used by a program under Apache-2.0.

Read from the packages themselves, as installed, so that an upgrade which changes its licence is noticed.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PACKAGES = ("kiosk_ui", "store_edge", "central", "mirror", "checkout", "hardware")

# SPDX names, with what older packages write instead, of licences that ask no more than Apache-2.0 can give.
FREE = {
    *("Apache-2.0", "Apache 2.0", "Apache Software License"),
    *("MIT", "MIT License", "MIT-0", "MIT-CMU", "ISC", "ISC License (ISCL)", "0BSD", "Zlib", "CC0-1.0"),
    *("BSD-2-Clause", "BSD-3-Clause", "BSD License", "3-Clause BSD License"),
    *("PSF-2.0", "ZPL-2.1", "Zope Public License"),
    # File by file, and we change none of its files: certifi's list of certificates.
    *("MPL-2.0", "Mozilla Public License 2.0 (MPL 2.0)"),
}
# For the screens: typefaces may be bundled with a program of any licence.
FREE_ON_SCREENS = {*FREE, "OFL-1.1", "MIT AND OFL-1.1", "(MIT OR CC0-1.0)"}
# Where the package's own words are not enough: what was read instead, and where.
READ_BY_HAND = {
    "qrcode": (
        "8.2",
        "BSD-3-Clause",
        "its LICENSE: BSD-3-Clause, and the MIT text of pyqrnative, from which it was forked",
    ),
}
# psycopg is under LGPL-3.0. It comes only when asked for (the extra `postgres`), is used as it is and can be
# replaced by whoever runs the store: that is what the LGPL asks.
FREE_WHEN_ASKED_FOR = {*FREE, "LGPL-3.0-only"}
NEVER = {"ultralytics", "sllurp", "torch"}
NEVER_IMPORTED = {*NEVER, "PyQt5", "PyQt6"}
# torch makes the models that ship, and only there: the extra `train`.
TRAINING = "store_edge/vision/training"


def brought_along(requirements: Iterable[str]) -> dict[str, metadata.Distribution]:
    """The installed packages that these requirements lead to, theirs included."""
    waiting = [Requirement(line) for line in requirements]
    found: dict[str, metadata.Distribution] = {}
    walked: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        wanted = waiting.pop()
        name = re.sub(r"[-_.]+", "-", wanted.name).lower()
        extras = frozenset(wanted.extras)
        if (name, extras) in walked:
            continue
        walked.add((name, extras))
        found[name] = metadata.distribution(name)
        theirs = [Requirement(line) for line in found[name].requires or []]
        waiting += [one for one in theirs if _is_asked_for(one, extras)]
    return found


def _is_asked_for(requirement: Requirement, extras: frozenset[str]) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in {"", *extras})


def is_free(package: metadata.Distribution, free: set[str]) -> bool:
    """Whether a package's own words name a licence out of `free`, and none that is not.

    An SPDX expression, where given, is the word that counts (PEP 639); else the classifiers; else the field.
    """
    words = package.metadata
    if expressions := words.get_all("License-Expression"):
        expression = expressions[0]
        return all(
            any(one.strip(" ()") in free for one in part.split(" OR ")) for part in expression.split(" AND ")
        )
    lines = [line for line in words.get_all("Classifier") or [] if line.startswith("License ::")]
    named = [line.split(" :: ")[-1] for line in lines if not line.endswith(":: OSI Approved")]
    named = named or words.get_all("License") or [""]
    return all(name in free for name in named)


def unclear(packages: dict[str, metadata.Distribution], free: set[str]) -> list[str]:
    """The packages whose licence is neither free by their own words nor read by hand for this version."""
    return [
        f"{name} {package.version}"
        for name, package in packages.items()
        if not is_free(package, free) and READ_BY_HAND.get(name, ("",))[0] != package.version
    ]


def test_everything_needed_for_running_allows_apache_2() -> None:
    assert PROJECT["license"] == "Apache-2.0"
    assert unclear(brought_along(PROJECT["dependencies"]), FREE) == []


TOOLS = {"dev", "mutants", "train"}
"""What only those use who change the code, or the models."""


def test_everything_that_may_be_asked_for_allows_apache_2() -> None:
    extras = {name: lines for name, lines in PROJECT["optional-dependencies"].items() if name not in TOOLS}
    for lines in extras.values():
        assert unclear(brought_along(lines), FREE_WHEN_ASKED_FOR) == []


def test_what_was_read_by_hand_is_still_needed_and_free() -> None:
    packages = brought_along(PROJECT["dependencies"])
    for name, (_, licence, source) in READ_BY_HAND.items():
        assert licence in FREE, source
        assert not is_free(packages[name], FREE), f"{name} now says it itself: the note can go"


def test_no_copyleft_package_is_required_or_pinned() -> None:
    pinned = re.findall(r"^([\w.-]+)==", (ROOT / "constraints.txt").read_text("utf-8"), flags=re.MULTILINE)
    assert NEVER & set(pinned) == set()
    assert NEVER & set(brought_along(PROJECT["dependencies"])) == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_no_copyleft_package_is_imported(package: str) -> None:
    found = {
        name
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for name in _imported(node)
        if name.partition(".")[0] in NEVER_IMPORTED
        and not (name.partition(".")[0] == "torch" and path.is_relative_to(ROOT / TRAINING))
    }
    assert found == set()


def test_the_shop_runs_without_what_made_its_models() -> None:
    told = "import sys, kiosk_ui.cli, store_edge.vision.produce; print(*sys.modules)"
    program = [sys.executable, "-c", told]
    loaded = subprocess.run(program, capture_output=True, text=True, check=True, cwd=ROOT).stdout.split()
    assert not {"torch", "onnx", "store_edge.vision.training"} & set(loaded)


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module else []


def test_everything_on_the_screens_allows_apache_2() -> None:
    locked = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    parts = {name: part.get("license", "") for name, part in locked.items() if name}
    assert parts
    assert {name: licence for name, licence in parts.items() if licence not in FREE_ON_SCREENS} == {}


def test_everything_needed_is_pinned() -> None:
    lines = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]
    text = (ROOT / "constraints.txt").read_text("utf-8")
    pinned = set(re.findall(r"^([\w.-]+)==[\w.]+$", text, flags=re.MULTILINE))
    assert sorted(set(brought_along(lines)) - pinned) == []
    others = [line for line in text.splitlines() if line and not line.startswith("#") and "==" not in line]
    assert others == []
