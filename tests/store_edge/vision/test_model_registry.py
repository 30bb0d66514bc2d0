"""A model is used only if it is what its line says; a retailer's own is one line in the store's home."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from kiosk_ui.cli import main
from store_edge.vision import registry
from store_edge.vision.produce import ProduceEye
from store_edge.vision.registry import BadModel, checked_bytes, fetch, find_model, registered

TINY = (Path(__file__).parent / "tiny_models" / "colours.onnx").read_bytes()
SHA256 = hashlib.sha256(TINY).hexdigest()
SHIPPED_BYTES_MAX = 10_000_000


class Shelf(BaseHTTPRequestHandler):
    """A server with one model on it."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/colours.onnx" else 404)
        self.end_headers()
        self.wfile.write(TINY)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    shelf = HTTPServer(("127.0.0.1", 0), Shelf)
    thread = threading.Thread(target=shelf.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{shelf.server_port}"
    shelf.shutdown()
    thread.join()
    shelf.server_close()


def own(home: Path, line: str) -> Path:
    (home / "models.toml").write_text(line, "utf-8")
    return home


def test_what_ships_is_what_the_registry_says() -> None:
    models = registered()
    assert "produce" in models
    for model in models.values():
        assert model.url or 0 < len(checked_bytes(model)) <= SHIPPED_BYTES_MAX
        assert model.licence in {"Apache-2.0", "MIT"}
        assert model.source
        assert model.input
        assert model.output
        assert (registry.SHIPPED.parent / model.card).is_file()


def test_a_retailers_own_weights_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "ours.onnx").write_bytes(TINY)
    home = own(tmp_path, f'produce = {{ file = "ours.onnx", sha256 = "{SHA256.upper()}" }}')
    assert find_model("produce", home).file == tmp_path / "ours.onnx"
    assert ProduceEye(checked_bytes(find_model("produce", home))).kinds.fine == ()


def test_another_file_than_the_line_names_is_never_opened(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ours.onnx").write_bytes(TINY + b"\0")
    home = own(tmp_path, f'produce = {{ file = "ours.onnx", sha256 = "{SHA256}" }}')
    with pytest.raises(BadModel, match="not the model produce of the registry: its sha256 is"):
        checked_bytes(find_model("produce", home))
    assert main(["models", "--home", str(home), "check"]) == 1
    assert "WRONG produce" in capsys.readouterr().out
    assert main(["score", "produce", str(tmp_path), "--home", str(home)]) == 2
    assert "its sha256 is" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("produce = 3", "no line of a model"),
        ('produce = { file = "a.onnx" }', "has no sha256"),
        ('produce = { file = "a.onnx", sha256 = "12" }', "64 hexadecimal digits"),
        (f'produce = {{ file = "a.onnx", sha256 = "{SHA256}", colour = "red" }}', "unknown key colour"),
        ("produce = {", "cannot be read"),
    ],
)
def test_a_line_that_says_too_little_is_named(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(BadModel, match=words):
        registered(own(tmp_path, line))


def test_a_name_nobody_wrote_down(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(BadModel, match="there is no model 'fish'; there are: produce"):
        find_model("fish")
    assert main(["models", "get", "fish"]) == 2
    assert "there is no model" in capsys.readouterr().err


def test_models_are_fetched_by_their_sha256(
    tmp_path: Path, server: str, capsys: pytest.CaptureFixture[str]
) -> None:
    line = f'far = {{ file = "far.onnx", sha256 = "{SHA256}", url = "{server}/colours.onnx" }}'
    home = own(tmp_path, line)
    with pytest.raises(BadModel, match="`emma models get far` fetches it"):
        checked_bytes(find_model("far", home))
    assert main(["models", "--home", str(home), "get", "far"]) == 0
    assert checked_bytes(find_model("far", home)) == TINY
    assert main(["models", "--home", str(home), "list"]) == 0
    assert "far.onnx" in capsys.readouterr().out
    assert {path.name for path in home.iterdir()} == {"models.toml", "far.onnx"}


def test_what_else_a_server_sends_is_not_kept(
    tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = own(
        tmp_path,
        f'other = {{ file = "a.onnx", sha256 = "{"0" * 64}", url = "{server}/colours.onnx" }}\n'
        f'gone = {{ file = "a.onnx", sha256 = "{SHA256}", url = "{server}/gone.onnx" }}\n'
        f'nowhere = {{ file = "a.onnx", sha256 = "{SHA256}", url = "no address" }}\n'
        f'here = {{ file = "a.onnx", sha256 = "{SHA256}" }}\n'
        f'big = {{ file = "a.onnx", sha256 = "{SHA256}", url = "{server}/colours.onnx" }}\n',
    )
    for name, words in {
        "other": "is not the model",
        "gone": "404",
        "nowhere": "cannot be fetched",
        "here": "no url",
    }.items():
        with pytest.raises(BadModel, match=words):
            fetch(find_model(name, home))
    monkeypatch.setattr(registry, "BYTES_MAX", 100)
    with pytest.raises(BadModel, match="sends more than"):
        fetch(find_model("big", home))
    assert {path.name for path in home.iterdir()} == {"models.toml"}
