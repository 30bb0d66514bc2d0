"""The device bench: the counter as a toy shop, for a person without hardware."""
