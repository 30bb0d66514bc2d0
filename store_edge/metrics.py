"""How the box is, for a Prometheus server: text exposition format 0.0.4.

Numbers, kinds and device names: nothing about anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from store_edge.box import Box
from store_edge.devices.health import WELL

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Sample = tuple[dict[str, str], float]


def metrics_text(box: Box) -> str:
    """All metrics of this process, one page."""
    return "".join(line + "\n" for line in _lines(box))


def _lines(box: Box) -> Iterator[str]:
    now, board = box.clock(), box.health.all()
    labels = [{"device": one.device, "driver": one.driver, "lane": one.lane} for one in board]
    yield from _metric(
        "emma_device_up",
        "gauge",
        "1 while the device is there and well.",
        zip(labels, (float(one.state == WELL) for one in board), strict=True),
    )
    yield from _metric(
        "emma_device_state_seconds",
        "gauge",
        "How long the device has been as it is.",
        zip(labels, (max(0.0, (now - one.since).total_seconds()) for one in board), strict=True),
    )
    yield from _metric(
        "emma_device_losses_total",
        "counter",
        "How often the device was lost since this process began.",
        zip(labels, (float(one.losses) for one in board), strict=True),
    )
    yield from _metric(
        "emma_device_dropped_total",
        "counter",
        "What the device said and nobody fetched in time: the oldest, dropped from a full queue.",
        zip(labels, (float(one.dropped) for one in board), strict=True),
    )
    waiting = box.tasks.waiting()
    kinds = sorted({task.kind for task in waiting})
    yield from _metric(
        "emma_tasks_waiting",
        "gauge",
        "What needs a human now, by kind.",
        (({"kind": kind}, float(sum(task.kind == kind for task in waiting))) for kind in kinds),
    )
    yield from _metric(
        "emma_journal_entries",
        "counter",
        "The number of the journal's newest entry.",
        [({}, float(box.journal.last_number()))],
    )


def _metric(name: str, kind: str, about: str, samples: Iterable[Sample]) -> Iterator[str]:
    yield f"# HELP {name} {about}"
    yield f"# TYPE {name} {kind}"
    for labels, value in samples:
        told = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
        yield f"{name}{{{told}}} {value:.10g}" if told else f"{name} {value:.10g}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
