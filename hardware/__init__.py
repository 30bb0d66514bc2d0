"""Cables: one folder a device, each with its codec, session, driver and emulator.

Nothing here knows a price, a basket or a person. Drivers hand out readings
(`hardware.readings`) and fail in the words of `hardware.errors`.
"""
