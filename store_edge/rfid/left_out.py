"""What a site's own calibration would reach: fit on all sessions but one, judge that one, for each in turn.

These weights are never kept: they only say how much a calibration is worth at this place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from store_edge.rfid.judge import Parameters
from store_edge.rfid.log import Log
from store_edge.rfid.scoring import Figure, Judged, judged_figures, judgements
from store_edge.rfid.training import calibrated

SESSION_GAP_S = 600.0
"""Logs of one kind that begin later than this after the one before belong to another session."""


def sessions(logs: Sequence[Log]) -> list[list[Log]]:
    """Logs of one kind, in the order recorded, by session."""
    found: list[list[Log]] = []
    for log in sorted(logs, key=lambda log: log.began_s):
        if not found or log.began_s - found[-1][-1].began_s > SESSION_GAP_S:
            found.append([])
        found[-1].append(log)
    return found


def left_out_figures(logs: Sequence[Log], base: Parameters) -> tuple[Figure, ...]:
    """The figures that `score_logs` gives without memory; a kind with one session only has none."""
    pooled: dict[str, list[Judged]] = {}
    for kind in ("box", "zone", "line"):
        parts = sessions([log for log in logs if log.kind == kind])
        for out in parts if len(parts) > 1 else ():
            others = [log for part in parts if part is not out for log in part]
            try:
                fitted = calibrated(base, others, "all sessions but one")
            except ValueError:  # the others lack a class
                continue
            for key, judged in judgements(out, fitted, with_memory=False).items():
                pooled.setdefault(key, []).extend(judged)
    return tuple(
        replace(figure, key=f"{figure.key}_left_out", about=f"{figure.about}; calibrated, session left out")
        for figure in judged_figures(pooled)
    )
