"""The living catalogue of what screens are made of."""
