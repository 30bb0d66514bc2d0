"""Scanners that type: a keyboard to the kernel, taken away from the screen so that they cannot type there."""
