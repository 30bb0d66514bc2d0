"""Meaning from tag reads."""
