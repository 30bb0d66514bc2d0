"""A shop's radio in numbers: reads with their truth, for training and for places no real log covers.

Every term is a published model with one parameter table below:

- loss on the way: log-distance with log-normal shadowing (Rappaport, *Wireless Communications*, 2nd ed.,
  section 4.9); exponent and spread for indoor UHF RFID as surveyed by Griffin and Durgin, "Complete link
  budgets for backscatter-radio and RFID systems", IEEE Antennas and Propagation Magazine 51(2), 2009;
- multipath: Rician, in one piece for a dwell of one beam (same source; the return path fades with the way
  out, so a fade counts twice in the RSSI of one antenna);
- a tag answers once the way out feeds its chip: sensitivities as in chip data sheets (about -14 to -22 dBm);
- a body between tag and antenna takes about 4 to 12 dB off, a tray of metal or a dense box 0 to 12 dB;
- slots: GS1 EPC Gen2 air interface 2.0.1, section 6.3.2.8, each energised tag draws one of 2^Q slots, a
  slot with one tag is read; times of an empty, a single and a collided slot as with Miller-4 at 250 kHz.

The table was set so that pooled reads match what the logs publish (stray -70 ± 5 dBm, in box -56 ± 10 dBm),
not one log. All chance comes from the generator that is passed in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from store_edge.rfid.log import Log

Floats = npt.NDArray[np.float64]

EIRP_DBM = 33.0
LOSS_AT_1M_DB = 31.5
"""Free space at 868 MHz."""
JITTER_DB = 1.2
"""What is left of an RSSI's spread between two reads of a still tag in still air."""
EMPTY_S, SINGLE_S, COLLIDED_S = 0.0004, 0.0042, 0.0014
ROUNDS_MAX = 6
"""Inventory rounds in one dwell of a beam."""
CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, 0.0]])
"""Antennas 1 to 4, in sides of the square."""
HANGS_M = 1.2
"""An antenna hangs so much higher than the tag."""
ALONE_SHARE = 0.9
"""Slots in which no stray tag collides with the one that moves."""
CARRIER_DBM_MIN = -84.0
"""A reader hears nothing weaker."""


@dataclass(frozen=True, slots=True)
class Tags:
    """Tags of a scene: what stands between each and each beam, and what its chip needs."""

    loss_db: Floats
    """One way, mean over time; tags x beams."""
    sensitivity_dbm: Floats
    modulation_db: Floats
    """What the tag does not send back of what it got."""
    rice_k_db: Floats


def one_way_loss_db(distance_m: Floats, exponent: float) -> Floats:
    """Log-distance loss."""
    nearest_m = 0.25
    return LOSS_AT_1M_DB + 10 * exponent * np.log10(np.maximum(distance_m, nearest_m))


def fades_db(rice_k_db: Floats, rng: np.random.Generator) -> Floats:
    """One Rician fade for each K, mean power 0 dB."""
    k = 10 ** (rice_k_db / 10)
    spread = np.sqrt(1 / (2 * (k + 1)))
    real = np.sqrt(k / (k + 1)) + spread * rng.standard_normal(k.shape)
    fade: Floats = 10 * np.log10(real**2 + (spread * rng.standard_normal(k.shape)) ** 2 + 1e-6)
    return fade


def inventory(
    fed: npt.NDArray[np.bool_], dwell_s: float, rng: np.random.Generator
) -> list[tuple[float, int]]:
    """(time, tag) of the reads in one dwell: rounds of slotted ALOHA over the tags that are fed."""
    ready = np.flatnonzero(fed)
    found: list[tuple[float, int]] = []
    at_s, rounds = 0.0, 0
    while len(ready) and at_s < dwell_s and rounds < ROUNDS_MAX:
        rounds += 1
        waiting = ready
        while len(waiting) and at_s < dwell_s:
            slots = 1 << max(0, round(float(np.log2(len(waiting)))))
            drawn = rng.integers(slots, size=len(waiting))
            count = np.bincount(drawn, minlength=slots)
            took = np.where(count == 0, EMPTY_S, np.where(count == 1, SINGLE_S, COLLIDED_S))
            ends = at_s + np.cumsum(took)
            alone = count[drawn] == 1
            found += [(float(ends[s]), int(t)) for s, t in zip(drawn[alone], waiting[alone], strict=True)]
            waiting, at_s = waiting[~alone], float(ends[-1])
    return sorted(read for read in found if read[0] <= dwell_s)


def heard(
    tags: Tags, beam: int, dwell_s: float, rng: np.random.Generator, extra_db: Floats | float = 0.0
) -> list[tuple[float, int, float]]:
    """(time, tag, RSSI) of one dwell of one beam."""
    at_tag_dbm = EIRP_DBM - tags.loss_db[:, beam] - extra_db + fades_db(tags.rice_k_db, rng)
    rssi_dbm = 2 * at_tag_dbm - EIRP_DBM - tags.modulation_db
    fed = (at_tag_dbm >= tags.sensitivity_dbm) & (rssi_dbm >= CARRIER_DBM_MIN)
    reads = inventory(fed, dwell_s, rng)
    jitter = JITTER_DB * rng.standard_normal(len(reads))
    return [(at, tag, float(rssi_dbm[tag] + j)) for (at, tag), j in zip(reads, jitter, strict=True)]


def box_log(rng: np.random.Generator, duration_s: float = 30.0) -> Log:
    """A box on a tray under a reader with two beams, and tags of the shop around it."""
    inside, around = int(rng.integers(3, 21)), int(rng.integers(120, 450))
    exponent = rng.uniform(1.8, 2.6)
    box_distance_m, box_db = rng.uniform(0.8, 2.2), rng.uniform(1, 11)
    own = _shelf_of_tags(inside, box_distance_m * rng.uniform(0.85, 1.2, inside), exponent, box_db, 2.0, rng)
    far_m = rng.uniform(1.5, 3.5) + rng.gamma(2.5, 2.4, around)
    stray = _shelf_of_tags(around, far_m, exponent, rng.uniform(7, 12), 4.0, rng)
    tags = _together(own, stray)
    is_in = np.arange(inside + around) < inside
    rows = []
    at_s, beam = 0.0, 0
    while at_s < duration_s:
        dwell_s = rng.uniform(0.2, 0.4)
        rows += [(at_s + t, beam, rssi, tag) for t, tag, rssi in heard(tags, beam, dwell_s, rng)]
        at_s, beam = at_s + dwell_s, 1 - beam
    return _log(rows, in_box=is_in)


def _shelf_of_tags(
    many: int,
    distance_m: Floats,
    exponent: float,
    behind_db: float,
    spread_db: float,
    rng: np.random.Generator,
) -> Tags:
    """Tags of one make, each with its own way to two beams."""
    shadow = spread_db * rng.standard_normal((many, 1)) + 1.0 * rng.standard_normal((many, 2))
    loss_db = one_way_loss_db(distance_m, exponent)[:, None] + behind_db + shadow
    sensitivity = rng.uniform(-21.0, -15.0) + 0.8 * rng.standard_normal(many)
    modulation = rng.uniform(4.0, 10.0) + 0.8 * rng.standard_normal(many)
    return Tags(loss_db, sensitivity, modulation, rng.uniform(2.0, 9.0) + np.zeros(many))


def _together(one: Tags, other: Tags) -> Tags:
    return Tags(
        np.concatenate([one.loss_db, other.loss_db]),
        np.concatenate([one.sensitivity_dbm, other.sensitivity_dbm]),
        np.concatenate([one.modulation_db, other.modulation_db]),
        np.concatenate([one.rice_k_db, other.rice_k_db]),
    )


def walked_log(way_m: Floats, side_m: float, rng: np.random.Generator, step_s: float) -> Log:
    """One tag, carried by a person along a way (positions, a step apart) among four corner antennas."""
    away = (CORNERS * side_m)[None] - way_m[:, None]
    flat_m = np.hypot(away[..., 0], away[..., 1])
    heading = np.gradient(way_m, axis=0)
    heading /= np.hypot(heading[:, 0], heading[:, 1])[:, None] + 1e-9
    behind = np.clip(-np.einsum("sad,sd->sa", away, heading) / (flat_m + 1e-9), 0, 1)
    loss_db = one_way_loss_db(np.hypot(flat_m, HANGS_M), rng.uniform(1.6, 2.4)) + rng.uniform(2, 6)
    loss_db += rng.uniform(2, 7) * behind - rng.normal(0, 0.8, 4)
    at_tag_dbm = (
        EIRP_DBM - loss_db + _slow_fades_db(len(way_m), step_s, rng) + _shadows_db(len(way_m), step_s, rng)
    )
    rssi_dbm = 2 * at_tag_dbm - EIRP_DBM - rng.uniform(4, 9) + rng.normal(0, JITTER_DB, loss_db.shape)
    antenna = rng.integers(4, size=len(way_m))
    each = np.arange(len(way_m))
    fed = (at_tag_dbm >= rng.uniform(-21, -16))[each, antenna] & (rng.random(len(way_m)) < ALONE_SHARE)
    rows = [(float(s * step_s), int(antenna[s]) + 1, float(rssi_dbm[s, antenna[s]]), 0) for s in each[fed]]
    return _log(rows)


def _shadows_db(steps: int, step_s: float, rng: np.random.Generator) -> Floats:
    """Log-normal shadowing of four ways that changes within seconds, as who carries the tag turns."""
    spread_db, keep = rng.uniform(1.5, 3.5), np.exp(-step_s / rng.uniform(3.0, 10.0))
    shadow = np.empty((steps, 4))
    now = rng.normal(0, spread_db, 4)
    for step in range(steps):
        now = keep * now + np.sqrt(1 - keep**2) * rng.normal(0, spread_db, 4)
        shadow[step] = now
    return shadow


def _slow_fades_db(steps: int, step_s: float, rng: np.random.Generator) -> Floats:
    """Rician fades of four ways that change as the tag goes; steps x antennas, mean power 0 dB."""
    k = 10 ** (rng.uniform(-4, 4) / 10)
    keep = np.exp(-step_s / rng.uniform(0.3, 1.2))
    wave = np.empty((steps, 4), complex)
    now = rng.normal(size=4) + 1j * rng.normal(size=4)
    for step in range(steps):
        now = keep * now + np.sqrt(1 - keep**2) * (rng.normal(size=4) + 1j * rng.normal(size=4))
        wave[step] = now
    power = np.abs(np.sqrt(k / (k + 1)) + wave * np.sqrt(1 / (2 * (k + 1)))) ** 2
    fade: Floats = 10 * np.log10(power + 1e-6)
    return fade


def zone_log(rng: np.random.Generator, duration_s: float = 60.0) -> Log:
    """A tag that wanders within one quarter of a square; antenna n is the corner of zone n."""
    step_s, side_m = 0.04, rng.uniform(3.5, 6.0)
    zone = int(rng.integers(4))
    low = CORNERS[zone] * side_m / 2
    way = _wander(int(duration_s / step_s), step_s, side_m / 2, rng) + low
    log = walked_log(way, side_m, rng, step_s)
    return replace(log, zone=np.full(len(log), zone + 1))


def _wander(steps: int, step_s: float, side_m: float, rng: np.random.Generator) -> Floats:
    """Walking between random points of a square, with rests."""
    place, goal, speed = rng.uniform(0, side_m, 2), rng.uniform(0, side_m, 2), rng.uniform(0.2, 0.9)
    way = np.empty((steps, 2))
    for step in range(steps):
        left = goal - place
        if np.hypot(*left) < speed * step_s or rng.random() < 0.002:
            goal = rng.uniform(0, side_m, 2)
        else:
            place = place + left / np.hypot(*left) * speed * step_s
        way[step] = place
    return way


def line_log(rng: np.random.Generator) -> Log:
    """A tag carried straight across a square, along one of the eight headings."""
    step_s, side_m = 0.055, rng.uniform(3.5, 6.0)
    middle = np.array([0.5, 0.5]) * side_m
    angle = rng.integers(8) * np.pi / 4
    half = (
        np.array([np.cos(angle), np.sin(angle)])
        * side_m
        * 0.43
        * (1.4 if round(angle / (np.pi / 4)) % 2 else 1)
    )
    steps = int(rng.uniform(6, 14) / step_s)
    way = np.linspace(middle - half, middle + half, steps)
    log = walked_log(way, side_m, rng, step_s)
    return replace(log, start_m=tuple(middle - half), end_m=tuple(middle + half))


def _log(rows: list[tuple[float, int, float, int]], in_box: npt.NDArray[np.bool_] | None = None) -> Log:
    rows.sort()
    at_s, antenna, rssi, tag = (
        (np.array(column) for column in zip(*rows, strict=True)) if rows else [np.empty(0)] * 4
    )
    epcs = tuple(f"{tag:024X}" for tag in range(int(tag.max()) + 1 if len(tag) else 0))
    return Log(
        name="simulated",
        time_s=at_s.astype(float),
        antenna=antenna.astype(int),
        rssi_dbm=rssi.astype(float),
        tag=tag.astype(int),
        epcs=epcs,
        in_box=None if in_box is None else in_box[: len(epcs)],
    )
