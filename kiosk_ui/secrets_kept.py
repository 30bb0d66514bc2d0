"""Secrets that live in files: readable by their owner from the first byte, and whole or not there at all.

A secret is written under another name, forced to the disk and only then given its name, so that neither a
crash nor a full disk leaves half of one; a file that holds too little signs nothing.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SECRET_BYTES = 32
SECRET_CHARS_MIN = 2 * SECRET_BYTES
"""Hex digits; fewer are what an interrupted copy or a foolish hand has left."""


class SecretDamaged(Exception):
    """A secret's file holds no secret of ours; `str()` says what to do, and never what is in it."""


def kept_secret(file: Path) -> bytes:
    """32 bytes that stay the same from start to start; made on first use.

    Raises SecretDamaged if the file holds less than a whole secret.
    """
    if not file.exists():
        keep_first(file, secrets.token_hex(SECRET_BYTES))
    text = file.read_bytes().strip()
    if len(text) < SECRET_CHARS_MIN:
        raise SecretDamaged(
            f"{file} is too short to be a secret; remove it and start again "
            "(everybody who is signed in then signs in once more)"
        )
    return hashlib.sha256(text).digest()


def write_secret(file: Path, text: str) -> None:
    """Keep `text` in `file`, in the place of what was there."""
    with _drafted(file, text) as draft:
        draft.replace(file)


def keep_first(file: Path, text: str) -> bool:
    """Keep `text` in `file`; False if there is one already: of two starters at once the first wins."""
    with _drafted(file, text) as draft:
        try:
            os.link(draft, file)
        except FileExistsError:
            return False
    return True


@contextmanager
def _drafted(file: Path, text: str) -> Iterator[Path]:
    """`text` whole on the disk under a name of its own; then, when it has its real name, so is that."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    end = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(end, "w", encoding="ascii") as paper:
            paper.write(text)
            paper.flush()
            os.fsync(paper.fileno())
        yield draft
        _sync_folder(file.parent)
    finally:
        draft.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    end = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(end)
    finally:
        os.close(end)
