"""What this machine itself must have: which parts are missing, and how they come.

On Debian and its children, as root or with a sudo that asks nothing, they are installed with apt; anywhere
else one sentence says what to install. Standard library only.
"""

from __future__ import annotations

import ctypes.util
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from steps import CannotSetUp, watch

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
SUDO_S_MAX = 10


@dataclass(frozen=True)
class Part:
    """Something of the machine's: what for, how to see it, and its package's name per family of systems."""

    name: str
    purpose: str
    present: Callable[[], bool]
    packages: Mapping[str, str]


def has_venv() -> bool:
    """Debian's python3 comes without what fills a virtual environment; python3-venv brings it."""
    return importlib.util.find_spec("ensurepip") is not None


def has_zbar() -> bool:
    """Found the way pyzbar itself looks for it."""
    return ctypes.util.find_library("zbar") is not None


def has_graphics() -> bool:
    """What the `cv2` of opencv-python is linked against; on a Mac it brings everything itself."""
    if sys.platform == "darwin":
        return True
    return all(ctypes.util.find_library(name) for name in ("GL", "gthread-2.0"))


def has_cameras_libraries() -> bool:
    """Whether both libraries that camera pictures need are there."""
    return has_zbar() and has_graphics()


def has_chromium() -> bool:
    """Any Chromium that the browser tests would find."""
    return any(shutil.which(name) for name in CHROMIUM_NAMES)


def has_atomic() -> bool:
    """What the program is linked against with which Playwright moves the browser; a Mac has it."""
    return sys.platform == "darwin" or ctypes.util.find_library("atomic") is not None


def has_browser() -> bool:
    """Whether the browser tests have all they need."""
    return has_chromium() and has_atomic()


VENV = Part(
    "python3-venv",
    "makes the project's own Python environment",
    has_venv,
    {"debian": f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"},
)
ZBAR = Part(
    "libzbar",
    "reads barcodes in camera pictures",
    has_zbar,
    {
        "debian": "libzbar0",
        "fedora": "zbar",
        "suse": "libzbar0",
        "arch": "zbar",
        "alpine": "zbar",
        "macos": "zbar",
    },
)
GRAPHICS = Part(
    "libGL and GLib",
    "OpenCV, which looks at camera pictures, is linked against them",
    has_graphics,
    {
        "debian": "libgl1 libglib2.0-0",
        "fedora": "mesa-libGL glib2",
        "suse": "Mesa-libGL1 glib2",
        "arch": "libglvnd glib2",
        "alpine": "mesa-gl glib",
    },
)
CHROMIUM = Part(
    "Chromium",
    "shows the screens in the browser tests",
    has_chromium,
    {
        "debian": "chromium",
        "fedora": "chromium",
        "suse": "chromium",
        "arch": "chromium",
        "alpine": "chromium",
        "macos": "chromium",
    },
)

ATOMIC = Part(
    "libatomic",
    "moves the browser in the tests: Playwright is linked against it",
    has_atomic,
    {
        "debian": "libatomic1",
        "fedora": "libatomic",
        "suse": "libatomic1",
        "arch": "gcc-libs",
        "alpine": "libatomic",
    },
)

INSTALLERS = {
    "debian": "sudo apt-get install",
    "fedora": "sudo dnf install",
    "suse": "sudo zypper install",
    "arch": "sudo pacman -S",
    "alpine": "sudo apk add",
    "macos": "brew install",
}


def family(os_release: Path = Path("/etc/os-release"), platform: str = sys.platform) -> str:
    """Which kind of system this is: a key of INSTALLERS, or "other"."""
    if platform == "darwin":
        return "macos"
    names = " ".join(_os_release_names(os_release))
    for known, marks in (
        ("debian", ("debian", "ubuntu")),
        ("fedora", ("fedora", "rhel", "centos")),
        ("suse", ("suse",)),
        ("arch", ("arch",)),
        ("alpine", ("alpine",)),
    ):
        if any(mark in names for mark in marks):
            return known
    return "other"


def _os_release_names(os_release: Path) -> list[str]:
    if not os_release.exists():
        return []
    lines = (line.partition("=") for line in os_release.read_text(encoding="utf-8").splitlines())
    return [value.strip('"').lower() for key, _, value in lines if key in ("ID", "ID_LIKE")]


def sentence(missing: Sequence[Part], system: str) -> str:
    """One clear sentence for the person: what is missing, what it is for, what to type."""
    what = " and ".join(f"{part.name} ({part.purpose})" for part in missing)
    packages = [part.packages[system] for part in missing if system in part.packages]
    if len(packages) == len(missing):
        how = f"Please install: {INSTALLERS[system]} {' '.join(packages)}"
    else:
        how = "Please install with your system's package manager"
    return f"This machine still lacks {what}. {how}; then run the same command again."


def apt_prefix() -> list[str] | None:
    """What to put before apt-get so that it runs without a question, or None where it may not run."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    asked = subprocess.run(
        ["sudo", "-n", "true"], stdin=subprocess.DEVNULL, capture_output=True, timeout=SUDO_S_MAX, check=False
    )
    return ["sudo", "-n"] if asked.returncode == 0 else None


def provide(parts: Sequence[Part], log: Path) -> None:
    """See to it that this machine has `parts`. Raises CannotSetUp with the sentence where that cannot be."""
    missing = [part for part in parts if not part.present()]
    if not missing:
        return
    system = family()
    prefix = apt_prefix() if system == "debian" else None
    if prefix is None:
        raise CannotSetUp(sentence(missing, system))
    _apt_install(prefix, [name for part in missing for name in part.packages["debian"].split()], log)
    importlib.invalidate_caches()
    still = [part for part in missing if not part.present()]
    if still:
        raise CannotSetUp(sentence(still, system))


def _apt_install(prefix: Sequence[str], packages: Sequence[str], log: Path) -> None:
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    install = [*apt, "install", "--yes", "--no-install-recommends", *packages]
    says = f"{', '.join(packages)} from this system's packages (apt)"
    try:
        watch(install, says, log)
    except CannotSetUp:
        # The lists may be empty or older than the archive: fetch them once, then it is a real failure.
        watch([*apt, "update"], "fresh package lists (apt)", log)
        watch(install, says, log)
