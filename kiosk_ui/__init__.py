"""The screens and the front door."""
