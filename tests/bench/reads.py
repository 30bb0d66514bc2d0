"""How many tag reads a second go through presence and classification, and how long a decision takes."""

from __future__ import annotations

import random
import time

from table import Row, is_quick, quantile, report, say

from store_edge.rfid.judge import load_parameters
from store_edge.rfid.places import DECIDE_EVERY_S, Place, Places, Sighting

READS_A_SECOND = 20_000
TAGS = 1_000
ANTENNAS = 4
SECONDS, SECONDS_QUICK = 12, 4
DECISION_MS_MAX = 100.0
SEED = 11


def sightings(seconds: int) -> list[Sighting]:
    """Reads as fast as the target says, each of one of many tags at one of the antennas."""
    chance = random.Random(SEED)
    tags = [chance.randbytes(12) for _ in range(TAGS)]
    return [
        Sighting(
            number / READS_A_SECOND,
            "r",
            chance.randrange(ANTENNAS),
            chance.gauss(-65, 7),
            tags[chance.randrange(TAGS)],
        )
        for number in range(seconds * READS_A_SECOND)
    ]


def judge(places: Places, reads: list[Sighting]) -> tuple[list[float], list[float]]:
    """(reads per second of processor time in each second of the log, milliseconds of each decision)."""
    burst = round(READS_A_SECOND * DECIDE_EVERY_S)
    rates, decisions_ms = [], []
    began_s = time.process_time()
    for number in range(0, len(reads), burst):
        places.hear(reads[number : number + burst])
        asked_s = time.process_time()
        places.decide(reads[number].at_s + DECIDE_EVERY_S)
        decisions_ms.append((time.process_time() - asked_s) * 1000)
        if (number + burst) % READS_A_SECOND == 0:
            now_s = time.process_time()
            rates.append(READS_A_SECOND / (now_s - began_s))
            began_s = now_s
    return rates, decisions_ms


def main() -> None:
    reads, parameters = sightings(SECONDS_QUICK if is_quick() else SECONDS), load_parameters()
    shops = {
        "a tray under four antennas": [Place("tray", "tray", tuple(("r", n) for n in range(ANTENNAS)))],
        "four cabins": [Place(f"cabin {n}", "cabin", (("r", n),)) for n in range(ANTENNAS)],
    }
    rows = []
    for name, places in shops.items():
        rates, decisions_ms = judge(Places(places, parameters), reads)
        say(f"{name}: {len(reads)} reads")
        met = min(rates) >= READS_A_SECOND
        rows.append(Row(f"reads judged, {name}", "per s", rates, f">= {READS_A_SECOND}", met))
        in_time = quantile(decisions_ms, 0.99) <= DECISION_MS_MAX
        target = f"p99 <= {DECISION_MS_MAX:.0f} ms"
        rows.append(Row("  one decision about all its tags", "ms", decisions_ms, target, in_time))
    report(f"Tag reads through presence and classification, {TAGS} tags, one core", rows)


if __name__ == "__main__":
    main()
