"""Cameras: what they see, newest picture first, in memory only."""
