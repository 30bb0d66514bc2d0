"""What a store taught its scale: a few embeddings of each article, and no picture.

Five photos of a new article are enough, and it is known at once: its prototype is the mean of its embeddings.
A correction ("no, this is the other apple") is one more embedding. Embeddings mean something only to the
model that made them, so the file names it, and under another model it is refused.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

ARTICLES_MAX = 2_000
LOOKS_MAX = 50
"""Of an article; the oldest goes when one more comes, so that the store follows the season's harvest."""
FILE_BYTES_MAX = 200_000_000
KEY_CHARACTERS_MAX = 80


class NotTaught(Exception):
    """A sentence: what was taught cannot be used, or cannot be taken."""


class Taught:
    """Articles by key, each with the embeddings it was seen as. `model` is the sha256 of what made them."""

    def __init__(self, model: str) -> None:
        self.model = model
        self._looks: dict[str, list[Floats]] = {}
        self._prototypes: tuple[list[str], Floats] | None = None

    @property
    def articles(self) -> dict[str, int]:
        """How many looks each article has."""
        return {key: len(looks) for key, looks in self._looks.items()}

    def teach(self, key: str, embedding: Floats) -> None:
        """One more look at an article. Raises NotTaught where the store has no room for it."""
        if not key or len(key) > KEY_CHARACTERS_MAX:
            raise NotTaught(f"an article's key has 1 to {KEY_CHARACTERS_MAX} characters")
        if embedding.ndim != 1 or not np.isfinite(embedding).all() or not np.any(embedding):
            raise NotTaught("this is no embedding")
        if any(looks[0].shape != embedding.shape for looks in self._looks.values()):
            raise NotTaught("this embedding is of another model")
        if key not in self._looks and len(self._looks) >= ARTICLES_MAX:
            raise NotTaught(f"{ARTICLES_MAX} articles are taught already")
        looks = self._looks.setdefault(key, [])
        looks.append((embedding / np.linalg.norm(embedding)).astype(np.float32))
        del looks[:-LOOKS_MAX]
        self._prototypes = None

    def forget(self, key: str) -> None:
        """An article that is sold no more. One that was never taught is forgotten already."""
        self._looks.pop(key, None)
        self._prototypes = None

    def near(self, embedding: Floats) -> dict[str, float]:
        """How near each article is: the cosine between the embedding and the article's prototype."""
        if not self._looks:
            return {}
        if self._prototypes is None:
            means = np.stack([np.mean(looks, axis=0) for looks in self._looks.values()])
            means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
            self._prototypes = list(self._looks), means
        keys, prototypes = self._prototypes
        return dict(zip(keys, (prototypes @ embedding).tolist(), strict=True))

    def save(self, file: Path) -> None:
        """Whole or not at all: a power cut leaves the old file or the new."""
        written = {
            key: [base64.b64encode(look.astype("<f2").tobytes()).decode() for look in looks]
            for key, looks in self._looks.items()
        }
        part = file.with_name(f".{file.name}.{os.getpid()}.part")
        with part.open("w", encoding="utf-8") as lines:
            json.dump({"model": self.model, "articles": written}, lines)
            lines.flush()
            os.fsync(lines.fileno())
        part.replace(file)


def load_taught(file: Path, model: str) -> Taught:
    """What the store taught; nothing where there is no file. Raises NotTaught where it is another model's."""
    taught = Taught(model)
    try:
        if file.stat().st_size > FILE_BYTES_MAX:
            raise NotTaught(f"{file} is larger than {FILE_BYTES_MAX // 1_000_000} MB")
        said = json.loads(file.read_text("utf-8"))
        made_by, articles = str(said["model"]), dict(said["articles"])
        if made_by != model:
            raise NotTaught(f"{file} was taught to another model; teach the articles again")
        for key, looks in articles.items():
            for look in looks:
                taught.teach(
                    key, np.frombuffer(base64.b64decode(look, validate=True), "<f2").astype(np.float32)
                )
    except FileNotFoundError:
        return taught
    except (OSError, ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise NotTaught(f"{file} cannot be read: {error}") from error
    return taught
