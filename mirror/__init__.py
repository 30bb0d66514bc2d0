"""The fitting room's rules: plain Python."""
