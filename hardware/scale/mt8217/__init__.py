"""Mettler-Toledo's 8217 protocol: one letter asks, a weight or a status byte answers."""
