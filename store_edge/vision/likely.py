"""EAN-13, UPC-A, EAN-8 and UPC-E out of a blurred profile, by maximum likelihood.

Bars that run into each other cannot be told apart by a threshold, but a whole symbol can still be told from
every other. A profile is compared with what each pair of neighbouring digits would look like through each of
a few blurs; the best sequence is found by dynamic programming (Viterbi). The parity of the digits (twelve of
them in EAN-13, ISO/IEC 15420 table 3), the check digit, the distance to the next best sequence and what is
left unexplained decide whether it counts: it abstains rather than guess.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from store_edge.vision.digits import check_digit_right, upc_a_of_upc_e

Numbers = npt.NDArray[np.floating[Any]]

DIGIT_MODULES = 7
PER_MODULE = 2
FINE = 8
REACH_MODULES = 5
"""Templates are drawn with so many steps a module before they are sampled with PER_MODULE."""
A_SET = (
    "0001101",
    "0011001",
    "0010011",
    "0111101",
    "0100011",
    "0110001",
    "0101111",
    "0111011",
    "0110111",
    "0001011",
)
EAN13_PARITIES = (
    "000000",
    "001011",
    "001101",
    "001110",
    "010011",
    "011001",
    "011100",
    "010101",
    "010110",
    "011010",
)
"""ISO/IEC 15420, table 3: 0 is number set A, 1 is B; the place in the list is the first digit."""
UPC_E_PARITIES = (
    "111000",
    "110100",
    "110010",
    "110001",
    "101100",
    "100110",
    "100011",
    "101010",
    "101001",
    "100101",
)
"""ISO/IEC 15420, table 4, for number system 0; the place in the list is the check digit."""


@dataclass(frozen=True)
class Layout:
    """A symbology: how many digits, and the modules in their middle and after them."""

    name: str
    digits: int
    middle: str
    after: str

    @property
    def modules(self) -> int:
        return 3 + DIGIT_MODULES * self.digits + len(self.middle) + len(self.after)


EAN13 = Layout("EAN13", 12, "01010", "101")
EAN8 = Layout("EAN8", 8, "01010", "101")
UPC_E = Layout("UPCE", 6, "", "010101")


@dataclass(frozen=True)
class Blur:
    """Widths in modules: of a Gaussian (lens, sampling), of a box (motion) and of a disc (defocus)."""

    gauss: float
    box: float = 0.0
    disc: float = 0.0


BLURS = (
    *(Blur(gauss) for gauss in (0.3, 0.6, 0.9, 1.2)),
    *(Blur(0.35, box=box) for box in (1.0, 1.5, 2.0)),
    *(Blur(0.35, disc=disc) for disc in (2.5, 3.2, 4.0, 4.8)),
)


@dataclass(frozen=True)
class Guess:
    """The likeliest text, what is left unexplained (0 to 1 of the variance) and the lead over the next."""

    text: str
    kind: str
    unexplained: float
    lead: float
    blur: Blur
    ends: tuple[float, float]

    @property
    def sure(self) -> bool:
        """Whether it may be believed without another witness."""
        if self.kind == "UPCE":  # whose parity is all that guards it
            return self.unexplained < 0.12 and self.lead > 20
        if self.blur.disc:
            return self.unexplained < 0.15 and self.lead > 8
        return self.unexplained < 0.3 and self.lead > 5


def _patterns(second_half: bool) -> list[str]:
    """Twenty ways to print a digit: sets A and B in the first half; in the second, C and A upside down."""
    flip = str.maketrans("01", "10")
    if second_half:
        return [a.translate(flip) for a in A_SET] + [a[::-1] for a in A_SET]
    return list(A_SET) + [a.translate(flip)[::-1] for a in A_SET]


@cache
def _seen(modules: int, blur: Blur) -> Numbers:
    """What each module of a row adds to each sample: samples x modules. The ends go on for ever."""
    at = (np.arange(modules * FINE) + 0.5) / FINE
    reach = np.arange(-REACH_MODULES * FINE, REACH_MODULES * FINE + 1) / FINE
    kernel = np.exp(-0.5 * (reach / blur.gauss) ** 2)
    if blur.box:
        kernel = np.convolve(kernel, np.ones(max(1, round(blur.box * FINE))), "same")
    if blur.disc:
        # a disc of light, seen from its edge (Goodman, "Introduction to Fourier Optics", 6.4)
        inside = 1 - (reach / (blur.disc / 2)) ** 2
        kernel = np.convolve(kernel, np.sqrt(np.maximum(inside, 0)), "same")
    kernel /= kernel.sum()
    share = np.zeros((len(at), modules))
    for offset, weight in zip(reach, kernel, strict=True):
        share[np.arange(len(at)), np.clip((at + offset).astype(int), 0, modules - 1)] += weight
    return np.asarray(share.reshape(-1, FINE // PER_MODULE, modules).mean(1), np.float32)


def _light(modules: str) -> Numbers:
    return np.array([module == "0" for module in modules], np.float32)


def blurred(modules: str, blur: Blur) -> Numbers:
    """PER_MODULE samples of each module of a row of bars (1) and spaces (0): 1 is white."""
    return _seen(len(modules), blur) @ _light(modules)


@cache
def _bank(modules: int) -> Numbers:
    return np.stack([_seen(modules, blur) for blur in BLURS])


def through_every_blur(modules: str) -> Numbers:
    """BLURS x samples: the same row of bars and spaces through each of the blurs."""
    return np.asarray(_bank(len(modules)) @ _light(modules))


@cache
def _pairs(before: str, middle: str, after: str, blur: Blur) -> Numbers:
    """Templates from the middle of one digit to that of the next: ways before x ways after x samples.

    `before` and `after` name the half (1, 2) of the digits, or are the modules of a fixed end.
    """
    left = _patterns(before == "2") if before in "12" else [before]
    right = _patterns(after == "2") if after in "12" else [after]
    rows = []
    for one in left:
        for other in right:
            drawn = blurred(one + middle + other, blur)
            begin = 0 if len(left) == 1 else DIGIT_MODULES * PER_MODULE // 2
            stop = len(drawn) if len(right) == 1 else len(drawn) - DIGIT_MODULES * PER_MODULE // 2
            rows.append(drawn[begin:stop])
    return np.stack(rows).reshape(len(left), len(right), -1)


QUIET = 3
"""Modules of the quiet zone that are looked at on each side."""


@cache
def _segments(layout: Layout, blur: Blur) -> tuple[Numbers, ...]:
    half, two = layout.digits // 2, bool(layout.middle)
    halves = ["1"] * (half if two else layout.digits) + (["2"] * half if two else [])
    parts = [_pairs("0" * QUIET + "101", "", "1", blur)]
    for place in range(layout.digits - 1):
        middle = layout.middle if two and place == half - 1 else ""
        parts.append(_pairs(halves[place], middle, halves[place + 1], blur))
    parts.append(_pairs(halves[-1], "", layout.after + "0" * QUIET, blur))
    return tuple(parts)


@cache
def _powers(layout: Layout, blur: Blur) -> tuple[Numbers, ...]:
    return tuple((part**2).sum(2).reshape(-1) for part in _segments(layout, blur))


def sampled(
    profile: Numbers, layout: Layout, starts: Numbers, ends: Numbers, bends: Numbers, every: int = 1
) -> Numbers:
    """Hypotheses x samples of the profile, from QUIET modules before `starts` to QUIET after `ends`.

    A bend is what perspective does to the scale: 0 for none. `every`: 2 leaves out every other sample.
    """
    many = (layout.modules + 2 * QUIET) * PER_MODULE
    at = ((np.arange(0, many, every) + 0.5) / PER_MODULE - QUIET) / layout.modules
    bent = at * (1 + bends[:, None]) / (1 + bends[:, None] * at)
    places = starts[:, None] + (ends - starts)[:, None] * bent
    low = np.clip(places.astype(np.int32), 0, len(profile) - 2)
    part = np.clip(places - low, 0, 1)
    return np.asarray(profile[low] * (1 - part) + profile[low + 1] * part, np.float32)


def decode(samples: Numbers, layout: Layout, blur: Blur) -> tuple[npt.NDArray[np.int64], Numbers]:
    """The likeliest ways of all digits (hypotheses x digits, 0 to 19) and their squared error.

    `samples`: hypotheses x samples, 0 for the black of bars to 1 for white.
    """
    parts = _segments(layout, blur)
    costs, at = [], 0
    for part, power in zip(parts, _powers(layout, blur), strict=True):
        piece = samples[:, at : at + part.shape[2]]
        at += part.shape[2]
        flat = part.reshape(-1, part.shape[2])
        cost = power - 2 * piece @ flat.T + (piece * piece).sum(1)[:, None]
        costs.append(cost.reshape(len(samples), part.shape[0], part.shape[1]))
    total, back = costs[0][:, 0, :], []
    for cost in costs[1:]:
        sums = total[:, :, None] + cost
        best = sums.argmin(1)
        back.append(best)
        total = np.take_along_axis(sums, best[:, None, :], 1)[:, 0]
    ways = np.zeros((len(samples), layout.digits), np.int64)
    every = np.arange(len(samples))
    ways[:, -1] = back[-1][:, 0]
    for place in range(layout.digits - 2, -1, -1):
        ways[:, place] = back[place][every, ways[:, place + 1]]
    return ways, np.asarray(total[:, 0], np.float32)


def runner_up(samples: Numbers, layout: Layout, blur: Blur) -> float:
    """How much more squared error the best sequence with at least one other digit has (one hypothesis)."""
    parts = _segments(layout, blur)
    costs, at = [], 0
    for part in parts:
        piece = samples[at : at + part.shape[2]]
        at += part.shape[2]
        costs.append(((part - piece) ** 2).sum(2))
    ahead = [costs[0]]
    for cost in costs[1:-1]:
        ahead.append((ahead[-1].T + cost).min(0)[None, :])
    behind = [costs[-1].T]
    for cost in reversed(costs[1:-1]):
        behind.insert(0, (cost + behind[0]).min(1)[None, :])
    through = np.stack([(one + other)[0] for one, other in zip(ahead, behind, strict=True)])
    ordered = np.sort(through, axis=1)
    return float((ordered[:, 1] - ordered[:, 0]).min())


def text_of(ways: npt.NDArray[np.int64], layout: Layout) -> str:
    """The digits of a sequence, also upside down; empty unless parity and check digit allow it."""
    if layout is UPC_E:
        return _upc_e(ways)
    half = layout.digits // 2
    first, second = ways[:half], ways[half:]
    if (second < 10).all():
        parity, digits = "".join("01"[int(way >= 10)] for way in first), [*first % 10, *second]
    elif (first >= 10).all():
        turned = second[::-1]
        parity, digits = "".join("01"[int(way < 10)] for way in turned), [*turned % 10, *first[::-1] % 10]
    else:
        return ""
    text = "".join(str(digit) for digit in digits)
    if layout is EAN13:
        if parity not in EAN13_PARITIES:
            return ""
        text = str(EAN13_PARITIES.index(parity)) + text
    elif parity != "0000":
        return ""
    return text if check_digit_right(text) else ""


def _upc_e(ways: npt.NDArray[np.int64]) -> str:
    parity = "".join("01"[int(way >= 10)] for way in ways)
    body = "".join(str(way % 10) for way in ways)
    turned = parity.translate(str.maketrans("01", "10"))
    for system, pattern in (("0", parity), ("1", turned)):
        if pattern in UPC_E_PARITIES:
            text = system + body + str(UPC_E_PARITIES.index(pattern))
            whole = upc_a_of_upc_e(text)
            return whole if whole and check_digit_right(whole) else ""
    return ""


@cache
def known_edges(layout: Layout) -> tuple[Numbers, Numbers]:
    """Where every symbol of a layout has an edge, in modules; 1 where it gets lighter, -1 darker."""
    half = layout.digits // 2 if layout.middle else layout.digits
    places, signs = [0, 1, 2, 3], [-1, 1, -1, 1]
    at = 3
    for _ in range(half):
        at += DIGIT_MODULES
        places.append(at)
        signs.append(1)
    if layout.middle:
        places += [at + 1, at + 2, at + 3, at + 4, at + 5]
        signs += [-1, 1, -1, 1, -1]
        at += 5
        for _ in range(half):
            at += DIGIT_MODULES
            places.append(at)
            signs.append(-1)
        places += [at + 1, at + 2, at + 3]
        signs += [1, -1, 1]
    else:
        places += [at + 1, at + 2, at + 3, at + 4, at + 5, at + 6]
        signs += [-1, 1, -1, 1, -1, 1]
    return np.array(places, np.float32), np.array(signs, np.float32)


def modules_of(ways: npt.NDArray[np.int64], layout: Layout) -> str:
    """The whole symbol as bars (1) and spaces (0), with its quiet zones."""
    half = layout.digits // 2 if layout.middle else layout.digits
    first = "".join(_patterns(False)[way] for way in ways[:half])
    second = "".join(_patterns(True)[way] for way in ways[half:])
    return "0" * QUIET + "101" + first + layout.middle + second + layout.after + "0" * QUIET


@cache
def outline(layout: Layout, blur: Blur) -> Numbers:
    """What all symbols of a layout have in common, through a blur: the mean of their samples."""
    half = layout.digits // 2 if layout.middle else layout.digits
    first, second = (
        np.mean([_light(pattern) for pattern in _patterns(side)], axis=0) for side in (False, True)
    )
    parts = [_light("0" * QUIET + "101"), *[first] * half, _light(layout.middle)]
    parts += [*[second] * (layout.digits - half), _light(layout.after + "0" * QUIET)]
    light = np.concatenate(parts)
    return np.asarray(_seen(len(light), blur) @ light, np.float32)
