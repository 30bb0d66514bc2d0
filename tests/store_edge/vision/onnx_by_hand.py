"""The smallest ONNX file: a model that hands its input on, written field by field (onnx.proto3)."""

from __future__ import annotations


def identity(shape: list[int]) -> bytes:
    """A model whose output is its input, floats of this shape."""
    node = _part(1, b"images") + _part(2, b"output") + _part(4, b"Identity")
    graph = _part(1, node) + _part(2, b"g") + _part(11, _value(b"images", shape))
    return _number(1, 8) + _part(7, graph + _part(12, _value(b"output", shape))) + _part(8, _number(2, 13))


def _value(name: bytes, shape: list[int]) -> bytes:
    sides = b"".join(_part(1, _number(1, side)) for side in shape)
    tensor = _number(1, 1) + _part(2, sides)
    return _part(1, name) + _part(2, _part(1, tensor))


def _part(field: int, data: bytes) -> bytes:
    return bytes([field << 3 | 2]) + _varint(len(data)) + data


def _number(field: int, value: int) -> bytes:
    return bytes([field << 3]) + _varint(value)


def _varint(value: int) -> bytes:
    rest = b""
    while value > 127:
        rest += bytes([value & 127 | 128])
        value >>= 7
    return rest + bytes([value])
