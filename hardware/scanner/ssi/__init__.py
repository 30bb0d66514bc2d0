"""Zebra's (Symbol's) Simple Serial Interface: scans in packets with a checksum, each to be acknowledged."""
