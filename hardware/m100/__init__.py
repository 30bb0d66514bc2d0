"""Plain UHF modules on a serial line that speak the M100 frames: YRM100, M100, R200 and many more."""
