"""The staff tablet: what needs a human now."""
