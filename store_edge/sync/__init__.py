"""The line to head office: what the store tells it, and what it tells the store."""
