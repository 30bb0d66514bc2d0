"""A tag's zone followed through time: what was known, loosened by the time that went by, times what is heard.

The forward pass of a hidden Markov model whose states are the zones (Rabiner, "A tutorial on hidden Markov
models", Proceedings of the IEEE 77(2), 1989, section III.A). It looks back only.
"""

from __future__ import annotations

import numpy as np

from store_edge.rfid.features import Floats

STAYS_S = 30.0
"""How long a tag stays in a zone, on average."""


def follow(chances: Floats, step_s: float) -> Floats:
    """Chances of each zone at each step, from steps x zones that each knew only its own reads."""
    zones = chances.shape[1]
    stay = float(np.exp(-step_s / STAYS_S))
    known = np.full(zones, 1 / zones)
    followed = np.empty_like(chances)
    for step, heard in enumerate(chances):
        known = (stay * known + (1 - stay) / zones) * np.maximum(heard, 1e-9)
        known = known / known.sum()
        followed[step] = known
    return followed
