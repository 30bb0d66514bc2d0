"""Signature algorithms, curves and keys that a TSE may use (BSI TR-03116-5; identifiers: TR-03111, 5.2.1)."""

from __future__ import annotations

from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

_ECDSA_PLAIN = "0.4.0.127.0.7.1.1.4.1"


class Algorithm(NamedTuple):
    """ECDSA with a hash; `identifier` is its object identifier in dots."""

    identifier: str
    digest: hashes.HashAlgorithm


ALGORITHMS = {
    "ecdsa-plain-SHA224": Algorithm(f"{_ECDSA_PLAIN}.2", hashes.SHA224()),
    "ecdsa-plain-SHA256": Algorithm(f"{_ECDSA_PLAIN}.3", hashes.SHA256()),
    "ecdsa-plain-SHA384": Algorithm(f"{_ECDSA_PLAIN}.4", hashes.SHA384()),
    "ecdsa-plain-SHA512": Algorithm(f"{_ECDSA_PLAIN}.5", hashes.SHA512()),
    "ecdsa-plain-SHA3-224": Algorithm(f"{_ECDSA_PLAIN}.8", hashes.SHA3_224()),
    "ecdsa-plain-SHA3-256": Algorithm(f"{_ECDSA_PLAIN}.9", hashes.SHA3_256()),
    "ecdsa-plain-SHA3-384": Algorithm(f"{_ECDSA_PLAIN}.10", hashes.SHA3_384()),
    "ecdsa-plain-SHA3-512": Algorithm(f"{_ECDSA_PLAIN}.11", hashes.SHA3_512()),
}
"""By the name that receipts carry, spelled exactly so."""

CURVES: tuple[ec.EllipticCurve, ...] = (
    ec.SECP256R1(),
    ec.BrainpoolP256R1(),
    ec.SECP384R1(),
    ec.BrainpoolP384R1(),
    ec.BrainpoolP512R1(),
    ec.SECP521R1(),
)


def read_key(key: bytes) -> ec.EllipticCurvePublicKey:
    """A public key: an uncompressed point, whose curve is the one it lies on, or a SubjectPublicKeyInfo.

    65 bytes may be P-256 or brainpoolP256r1. Raises ValueError for anything else.
    """
    for curve in CURVES:
        if key[:1] == b"\x04" and len(key) == 1 + 2 * coordinate_bytes(curve):
            try:
                return ec.EllipticCurvePublicKey.from_encoded_point(curve, key)
            except ValueError:
                continue  # not on this curve
    try:
        found = serialization.load_der_public_key(key)
    except Exception as error:  # its parser has many ways of saying no
        raise ValueError("neither a point of a known curve nor a SubjectPublicKeyInfo") from error
    if not isinstance(found, ec.EllipticCurvePublicKey) or not _is_known(found.curve):
        raise ValueError("a key of another kind, or of another curve")
    return found


def _is_known(curve: ec.EllipticCurve) -> bool:
    return any(curve.name == known.name for known in CURVES)


def point_of(key: ec.EllipticCurvePublicKey) -> bytes:
    """The key as an uncompressed point: what a TSE's serial number is the hash of (TR-03153-1, 7.5)."""
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def coordinate_bytes(curve: ec.EllipticCurve) -> int:
    return (curve.key_size + 7) // 8


def has_signed(
    key: ec.EllipticCurvePublicKey, signature: bytes, message: bytes, digest: hashes.HashAlgorithm
) -> bool:
    """True if the signature is this key's over the message; r and s in plain (TR-03111, 5.2.1) or as DER."""
    for encoded in _as_der(signature, coordinate_bytes(key.curve)):
        try:
            key.verify(encoded, message, ec.ECDSA(digest))
        except InvalidSignature:
            continue
        return True
    return False


def _as_der(signature: bytes, half: int) -> list[bytes]:
    """The ways to read a signature; a DER one that happens to be as long as a plain one is tried as both."""
    found = []
    if len(signature) == 2 * half:
        r, s = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
        found.append(utils.encode_dss_signature(r, s))
    try:
        utils.decode_dss_signature(signature)
    except ValueError:
        return found
    return [*found, signature]
