"""The tree stays fit to live in: small modules, no stowaways, nothing that only works on one machine."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {"kiosk_ui", "store_edge", "central", "mirror", "checkout", "hardware"}
TOP_FILES = {
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "constraints.txt",
    "package-lock.json",
    "package.json",
    "pyproject.toml",
}
MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60
FILE_BYTES_MAX = 600_000
MODEL_BYTES_MAX = 10_000_000
LISTING_S_MAX = 30
SKIPS = ("pytest.skip", "pytest.mark.skip", "pytest.mark.skipif", "pytest.mark.xfail")

# Written in two pieces, so that this file does not find itself.
FOREIGN = re.compile(
    "|".join(
        [
            r"(?<![\w.~-])/(?:wor" + r"k|roo" + r"t|home/\w+|Users/\w+)/[\w.]",
            r"regis" + r"try\.npmjs",
            r"py" + r"pi\.org",
            r"python" + r"hosted",
            r"deb\.deb" + r"ian\.org",
            r"file:/" + r"//\w",
        ]
    )
)


def files() -> list[Path]:
    """Every file that is, or would be, committed."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout, so nothing says which files belong to it")
    listed = subprocess.run(
        [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        timeout=LISTING_S_MAX,
        check=True,
    )
    names = [name for name in listed.stdout.decode().split("\0") if name]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def modules(*folders: str) -> Iterator[tuple[Path, str]]:
    """Python files below the given top folders (all when none is given), with their text."""
    for path in files():
        if path.suffix == ".py" and (not folders or path.relative_to(ROOT).parts[0] in folders):
            yield path.relative_to(ROOT), path.read_text("utf-8")


def test_the_top_level_is_the_house_and_nothing_else() -> None:
    tops = {path.relative_to(ROOT).parts[0] for path in files()}
    assert {top for top in tops if not top.startswith(".")} <= PACKAGES | TOP_FILES | {"tests"}


def test_no_test_folder_is_a_package() -> None:
    """An __init__.py under tests/checkout would make `import checkout` find the tests."""
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_test_files_have_names_of_their_own() -> None:
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))


def test_modules_fit_on_a_desk() -> None:
    long = {
        str(path): text.count("\n")
        for path, text in modules()
        if path.parts[0] != "tests" and text.count("\n") > MODULE_LINES_MAX
    }
    assert long == {}


def test_functions_fit_on_a_screen() -> None:
    """A migration is spared: it is a list of tables, written once, with nothing to follow in it."""
    long = {
        f"{path}:{node.lineno} {node.name}": length
        for path, text in modules()
        if "migrations" not in path.parts
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES_MAX
    }
    assert long == {}


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path) for path, text in modules() if text.strip() and not ast.get_docstring(ast.parse(text))
    ]
    assert silent == []


def test_every_room_of_the_counter_begins_with_a_sentence() -> None:
    """The first line says what it is, to whoever reads the package from end to end."""
    first = {path: (ast.get_docstring(ast.parse(text)) or "").split("\n")[0] for path, text in modules()}
    ours = {path: line for path, line in first.items() if path.parts[0] == "checkout"}
    assert ours
    assert {str(path): line for path, line in ours.items() if not line.endswith((".", "?"))} == {}


def test_nothing_is_left_for_later() -> None:
    marks = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
    left = [
        f"{path}:{number}"
        for path, text in modules()
        for number, line in enumerate(text.splitlines(), 1)
        if marks.search(line)
    ]
    assert left == []


def test_no_file_names_a_machine_or_a_registry() -> None:
    found = []
    for path in files():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [
            f"{path.relative_to(ROOT)}:{number} {line.strip()[:80]}"
            for number, line in enumerate(text.splitlines(), 1)
            if FOREIGN.search(line)
        ]
    assert found == []


def test_no_file_is_large() -> None:
    large = {
        str(path.relative_to(ROOT)): path.stat().st_size
        for path in files()
        if path.stat().st_size > (MODEL_BYTES_MAX if path.suffix == ".onnx" else FILE_BYTES_MAX)
    }
    assert large == {}


def test_no_test_is_skipped_without_a_reason() -> None:
    bare = [f"{path}:{line}" for path, text in modules("tests") for line in _bare_skips(ast.parse(text))]
    assert bare == []


def _bare_skips(tree: ast.Module) -> Iterator[int]:
    """Lines with a pytest.skip() or a skip, skipif or xfail mark that does not say why."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    called = {id(call.func) for call in calls}
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr="skip" | "xfail") if id(node) not in called:
                if ast.unparse(node).startswith("pytest.mark."):
                    yield node.lineno
    for call in calls:
        name = ast.unparse(call.func)
        if name in SKIPS and not _says_why(call, first_may=name in ("pytest.skip", "pytest.mark.skip")):
            yield call.lineno


def _says_why(call: ast.Call, first_may: bool) -> bool:
    """Whether a reason that is not empty is given, by name or, where that may be, as the first argument."""
    reasons = [word.value for word in call.keywords if word.arg == "reason"]
    reasons += call.args[:1] if first_may else []
    return any(not isinstance(reason, ast.Constant) or reason.value for reason in reasons)


@pytest.mark.parametrize(
    ("line", "bare"),
    [
        ("@pytest.mark.skip\ndef test(): ...", True),
        ("@pytest.mark.skip()\ndef test(): ...", True),
        ("@pytest.mark.skipif(True)\ndef test(): ...", True),
        ("pytest.skip('')", True),
        ("pytest.skip('no reader here')", False),
        ("@pytest.mark.skip(reason='no reader here')\ndef test(): ...", False),
        ("@pytest.mark.skipif(True, reason=why)\ndef test(): ...", False),
    ],
)
def test_a_skip_without_a_reason_would_be_noticed(line: str, bare: bool) -> None:
    assert bool(list(_bare_skips(ast.parse(line)))) is bare
