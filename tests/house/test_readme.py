"""What the README says is so: its tree, its commands, its examples, its packages."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checkout.basket import Basket, Line
from checkout.pricing import priced
from checkout.promotions import Terms
from store_edge.counter import running_promotions
from store_edge.paper_rules import coupons_taken, empties_rules
from store_edge.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("kiosk_ui", "store_edge", "central", "mirror", "checkout", "hardware")
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
HELP_S_MAX = 60
README = (ROOT / "README.md").read_text("utf-8")


def blocks(kind: str) -> list[str]:
    """The README's fenced blocks of one kind."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def code(page: str) -> list[str]:
    """Everything a page shows as code: fenced blocks and `spans`."""
    text = (ROOT / page).read_text("utf-8")
    fenced = re.findall(r"^```\w*\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    rest = re.sub(r"^```\w*\n.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return fenced + re.findall(r"`([^`\n]+)`", rest)


def tree() -> Iterator[tuple[str, str]]:
    """(path, words) for each line of the README's tree."""
    above: list[str] = []
    for line in blocks("tree")[0].splitlines():
        match = re.fullmatch(r"((?:  )*)(\S+) {2,}(\S.*)", line)
        assert match, f"no name and words in {line!r}"
        above = [*above[: len(match[1]) // 2], match[2]]
        yield "".join(above), match[3]


def test_the_tree_shows_what_exists() -> None:
    wrong = [path for path, _ in tree() if not _is_there(path)]
    assert wrong == []


def _is_there(path: str) -> bool:
    return (ROOT / path).is_dir() if path.endswith("/") else (ROOT / path).is_file()


def test_the_tree_leaves_no_room_out() -> None:
    shown = {path for path, _ in tree()}
    rooms = {
        f"{package}/{room.name}/"
        for package in PACKAGES
        for room in (ROOT / package).iterdir()
        if room.is_dir() and any(room.rglob("*.py"))
    }
    assert sorted({*(f"{package}/" for package in PACKAGES), *rooms} - shown) == []


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_that_is_named_exists(page: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), flags=re.MULTILINE))
    named = {name for text in code(page) for name in re.findall(r"\bmake ([a-z]+)", text)}
    assert named - targets == set()
    if page == "README.md":
        assert targets - named == {"help"}


def test_every_emma_command_that_is_named_exists() -> None:
    named = {name for text in code("README.md") for name in re.findall(r"(?<![\w./-])emma ([a-z]+)\b", text)}
    offered = set(re.findall(r"^    ([a-z]+) ", emma_help(), flags=re.MULTILINE))
    assert named == offered


def emma_help() -> str:
    """What `emma --help` prints; called as the installed command calls it, but for this tree."""
    program = "import sys; from kiosk_ui.cli import main; sys.exit(main(['--help']))"
    shown = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=HELP_S_MAX,
        check=False,
    )
    assert shown.returncode == 0, shown.stderr
    return shown.stdout


@pytest.mark.parametrize("page", PAGES)
def test_every_path_that_is_named_exists(page: str) -> None:
    spans = [span for span in code(page) if re.fullmatch(r"\.?\w[\w.-]*(/[\w.-]+)+/?", span)]
    ours = [span for span in spans if not span.startswith((".venv/", "node_modules/"))]
    assert [span for span in ours if not (ROOT / span).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_link_and_picture_inside_the_repository_exists(page: str) -> None:
    links = re.findall(r"\]\(([^)#]+)\)|<img[^>]+src=\"([^\"]+)\"", (ROOT / page).read_text("utf-8"))
    local = [one or two for one, two in links if not (one or two).startswith("https://")]
    assert [link for link in local if not (ROOT / link).exists()] == []


def test_every_plug_in_group_that_is_named_exists() -> None:
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"]
    named = set(re.findall(r"`(emma\.[a-z]+)`", README))
    assert named == set(groups)


def test_the_settings_shown_are_settings(tmp_path: Path) -> None:
    _package, device, _lane, zones, promotion, example, papers = blocks("toml")
    file = tmp_path / "store.toml"
    file.write_text(f"{example}\n{device}\n{zones}\n{promotion}\n{papers}", encoding="utf-8")
    settings = load_settings(file, environ={})
    assert settings.shop.id == "hamburg-1"
    assert settings.devices["scanner-2"].lane == "1"
    assert settings.cabins == ("cabin-1", "cabin-2")
    assert [promotion.id for promotion in running_promotions(settings)] == ["coffee-week"]
    assert [(coupon.name, coupon.amount_minor) for coupon in coupons_taken(settings)] == [
        ("summer", 200),
        ("brand", 50),
    ]
    assert empties_rules(settings, {}).kinds.amount_minor("crate-20") == 460


def test_the_promotion_shown_works() -> None:
    (example,) = blocks("python")
    names: dict[str, Any] = {}
    exec(example, names)  # our own page
    terms = Terms({"pieces": 2, "gtins": ["a"]})
    rounded = names["RoundedDown"]("gift", terms)
    terms.refuse_the_rest()
    line = Line(1, "a", 5, 0, 165, 700, "serial", 1)
    basket = Basket("b", "1", "open", 1, (line,), "de", "2026-11-21T10:00:00+00:00")
    assert priced(basket, [rounded]).lines[0].discount_minor == 2 * 30


def test_every_environment_name_that_is_named_is_read_somewhere() -> None:
    named = set(re.findall(r"\bEMMA_[A-Z_]+\b", README))
    sources = "\n".join(
        path.read_text("utf-8") for package in PACKAGES for path in (ROOT / package).rglob("*.py")
    )
    assert {name for name in named if f'"{name}"' not in sources} == set()


def test_the_system_packages_shown_are_those_that_set_up_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / ".make"))
    system = importlib.import_module("system")
    try:
        parts = (system.VENV, system.ZBAR, system.GRAPHICS, system.CHROMIUM, system.ATOMIC)
        shown = re.findall(
            r"^\| (`[\w.-]+`(?:, `[\w.-]+`)*) \| [^|]+ \| (?:both|`make)", README, flags=re.MULTILINE
        )
        debian = [re.sub(r"^python3\.\d+-", "python3.11-", part.packages["debian"]) for part in parts]
        assert [" ".join(re.findall(r"`([^`]+)`", names)) for names in shown] == debian
        for kind, word in (
            ("fedora", "Fedora"),
            ("suse", "openSUSE"),
            ("arch", "Arch"),
            ("macos", "Homebrew"),
        ):
            needed = (system.ZBAR, system.GRAPHICS, system.CHROMIUM, system.ATOMIC)
            packages = " ".join(part.packages[kind] for part in needed if kind in part.packages)
            assert f"{word} `{packages}`" in " ".join(README.split())
    finally:
        for name in ("system", "steps"):
            sys.modules.pop(name, None)
