"""Head office's memory: tables, migrations and the one way to a connection."""
