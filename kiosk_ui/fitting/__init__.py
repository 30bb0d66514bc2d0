"""The fitting room's screens: the mirror in each cabin, and the shopper's own phone as its remote control."""
