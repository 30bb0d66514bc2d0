"""The box's numbers for a Prometheus server on the same machine."""
