"""Relays that speak Modbus, on a serial line (RTU) or over TCP: light towers, gates."""
