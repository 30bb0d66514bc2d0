"""The customer's own page: what head office knows about them, what for, and the switches."""
