"""The models that a store's eyes use: each on one line, with where it is from and what it must be.

The shipped ones stand in `models/models.toml`. A store's own `models.toml`, in its home folder, adds to them
and goes before them, so that a retailer's weights are plugged in by one line. A file that is not what its
line says is never opened: a model is a program.
"""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

SHIPPED = Path(__file__).parent / "models" / "models.toml"
OWN = "models.toml"
BESIDE = Path(__file__).parents[3] / "shared" / "models"
"""Models for trials, beside a clone; `EMMA_MODELS` names another folder. They are checked like all others."""
BYTES_MAX = 200_000_000
LIST_BYTES_MAX = 1_000_000
FETCH_S_MAX = 60.0
"""How long a server may keep silent."""
KEYS = ("file", "sha256", "source", "licence", "input", "output", "card", "url")
NEEDED = ("file", "sha256")


class BadModel(Exception):
    """A sentence: what is wrong with a model, or with the line that names it."""


@dataclass(frozen=True, slots=True)
class Model:
    """One line of the registry; `input` and `output` say shapes and meaning to people."""

    name: str
    file: Path
    sha256: str
    source: str = ""
    licence: str = ""
    input: str = ""
    output: str = ""
    card: str = ""
    url: str = ""


def registered(home: Path | None = None) -> dict[str, Model]:
    """The models by name, a store's own first. Raises BadModel for a line that cannot be used."""
    own = home / OWN if home is not None else None
    return {**_lines_of(SHIPPED), **(_lines_of(own) if own is not None and own.exists() else {})}


def find_model(name: str, home: Path | None = None) -> Model:
    """Raises BadModel where no line names it."""
    models = registered(home)
    if name not in models:
        raise BadModel(f"there is no model {name!r}; there are: {', '.join(sorted(models))}")
    return models[name]


def checked_bytes(model: Model) -> bytes:
    """The model as it lies on the disk. Raises BadModel unless it is exactly what its line says."""
    file = place_of(model)
    try:
        if file.stat().st_size > BYTES_MAX:
            raise BadModel(f"{file} is larger than {BYTES_MAX // 1_000_000} MB")
        data = file.read_bytes()
    except OSError as error:
        remedy = f"; `emma models get {model.name}` fetches it" if model.url else ""
        raise BadModel(f"{file} cannot be read{remedy}") from error
    _must_be(model, hashlib.sha256(data).hexdigest(), str(file))
    return data


def place_of(model: Model) -> Path:
    """Where the model lies: where its line says, or else among those for trials."""
    beside = Path(os.environ.get("EMMA_MODELS") or BESIDE) / model.file.name
    return beside if not model.file.exists() and beside.exists() else model.file


def fetch(model: Model) -> int:
    """Fetch a model from its `url` and lay it where its line says; gives its bytes. Raises BadModel."""
    if not model.url:
        raise BadModel(f"the line of {model.name} has no url")
    part = model.file.with_name(f".{model.file.name}.{os.getpid()}.part")
    digest, size = hashlib.sha256(), 0
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file, _stream(model.url) as pieces:
            for piece in pieces:
                size += len(piece)
                if size > BYTES_MAX:
                    raise BadModel(f"{model.url} sends more than {BYTES_MAX // 1_000_000} MB")
                digest.update(piece)
                file.write(piece)
        _must_be(model, digest.hexdigest(), model.url)
        part.replace(model.file)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise BadModel(f"{model.url} cannot be fetched: {error}") from error
    finally:
        part.unlink(missing_ok=True)
    return size


@contextmanager
def _stream(url: str) -> Iterator[Iterator[bytes]]:
    with httpx.stream("GET", url, timeout=FETCH_S_MAX, follow_redirects=True) as answer:
        answer.raise_for_status()
        yield answer.iter_bytes(65_536)


def _must_be(model: Model, sha256: str, where: str) -> None:
    if sha256 != model.sha256.lower():
        raise BadModel(f"{where} is not the model {model.name} of the registry: its sha256 is {sha256}")


def _lines_of(file: Path) -> dict[str, Model]:
    try:
        if file.stat().st_size > LIST_BYTES_MAX:
            raise BadModel(f"{file} is larger than {LIST_BYTES_MAX // 1_000} kB")
        table = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadModel(f"{file} cannot be read: {error}") from error
    return {name: _model(file, name, line) for name, line in table.items()}


def _model(file: Path, name: str, line: object) -> Model:
    if not isinstance(line, Mapping) or not all(isinstance(value, str) for value in line.values()):
        raise BadModel(f"{file}: {name} is no line of a model; {' and '.join(NEEDED)} are needed, in quotes")
    odd = [key for key in line if key not in KEYS] or [key for key in NEEDED if key not in line]
    if odd:
        raise BadModel(f"{file}: {name} has {'no' if odd[0] in NEEDED else 'the unknown key'} {odd[0]}")
    if not re.fullmatch(r"[0-9a-fA-F]{64}", line["sha256"]):
        raise BadModel(f"{file}: the sha256 of {name} is not 64 hexadecimal digits")
    return Model(name, **{**line, "file": file.parent / line["file"]})
