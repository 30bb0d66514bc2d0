"""What a window of reads says about each tag: few numbers, and most of them relative.

A level in dBm means something else on every site; that a tag is read nearly each time a beam looks, and
stronger than most around it, means the same everywhere. So a tag is compared with the others of its window.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

TAG_FEATURES = (
    "looks_share",
    "looks_share_of_worst_beam",
    "looks_share_of_best_tags",
    "rssi_db_over_median",
    "peak_db_under_strongest",
    "rssi_spread_db",
    "longest_silence_share",
)
"""A look is one stay of the reader at one antenna."""
BEST_TAGS = 3
ZONE_FEATURES = ("power_db", "reads_share")
UNHEARD_DBM = -80.0
"""Stands for an antenna that did not hear the tag."""


def tag_features(
    time_s: Floats, antenna: Counts, rssi_dbm: Floats, tag: Counts, tags: int
) -> tuple[Counts, Floats]:
    """(which tags were read, their rows of `TAG_FEATURES`), from reads in the order of time."""
    count = np.bincount(tag, minlength=tags)
    read = np.flatnonzero(count)
    if not len(read):
        return read, np.empty((0, len(TAG_FEATURES)))
    look = np.concatenate([[0], np.cumsum(antenna[1:] != antenna[:-1])])
    order = np.argsort(tag, kind="stable")
    starts = np.concatenate([[0], np.cumsum(count[read])[:-1]])
    shares, worst = _looks(look, antenna, tag, order, tags)
    rssi, many = rssi_dbm[order], count[read]
    mean = np.add.reduceat(rssi, starts) / many
    square = np.add.reduceat(rssi**2, starts) / many
    peak = np.maximum.reduceat(rssi, starts)
    columns = (
        shares[read],
        worst[read],
        shares[read] / np.sort(shares[read])[-BEST_TAGS:].mean(),
        mean - np.median(mean),
        peak - peak.max(),
        np.sqrt(np.maximum(square - mean**2, 0)),
        _longest_silence(time_s, order, starts),
    )
    return read, np.column_stack(columns)


def _looks(look: Counts, antenna: Counts, tag: Counts, order: Counts, tags: int) -> tuple[Floats, Floats]:
    """For each tag the share of looks that saw it, over all antennas and at the antenna that saw it least."""
    who, when = tag[order], look[order]
    first = np.concatenate([[True], (who[1:] != who[:-1]) | (when[1:] != when[:-1])])
    who, looked = who[first], antenna[order][first]
    looks_of = antenna[np.concatenate([[True], look[1:] != look[:-1]])]
    shares = np.bincount(who, minlength=tags) / len(looks_of)
    each = [
        np.bincount(who[looked == one], minlength=tags) / (looks_of == one).sum()
        for one in np.unique(looks_of)
    ]
    return shares, np.min(each, axis=0)


def _longest_silence(time_s: Floats, order: Counts, starts: Counts) -> Floats:
    """For each read tag its longest time without a read, as a share of the window."""
    at_s = time_s[order]
    since_s = np.diff(at_s, prepend=time_s[0])
    since_s[starts] = at_s[starts] - time_s[0]
    until_end_s = time_s[-1] - at_s[np.concatenate([starts[1:], [len(at_s)]]) - 1]
    longest = np.maximum(np.maximum.reduceat(since_s, starts), until_end_s)
    share: Floats = longest / max(float(time_s[-1] - time_s[0]), 1e-3)
    return share


def zone_features(antenna: Counts, rssi_dbm: Floats, antennas: tuple[int, ...]) -> Floats:
    """One row of `ZONE_FEATURES` for each antenna, from one tag's reads at these antennas."""
    zone = np.searchsorted(antennas, antenna)
    only: Floats = many_zone_features(np.zeros_like(zone), zone, rssi_dbm, 1, len(antennas))[0]
    return only


def many_zone_features(row: Counts, zone: Counts, rssi_dbm: Floats, rows: int, zones: int) -> Floats:
    """Features of many tags at once, rows x zones x `ZONE_FEATURES`, each less its mean over the zones."""
    cell, shape = row * zones + zone, (rows, zones)
    count = np.bincount(cell, minlength=rows * zones).reshape(shape)
    power = np.bincount(cell, 10 ** (rssi_dbm / 10), rows * zones).reshape(shape) / np.maximum(count, 1)
    power_db = np.where(count > 0, 10 * np.log10(np.maximum(power, 1e-12)), UNHEARD_DBM)
    share = count / np.maximum(count.sum(axis=1, keepdims=True), 1)
    columns = np.stack([power_db, share], axis=2)
    relative: Floats = columns - columns.mean(axis=1, keepdims=True)
    return relative
