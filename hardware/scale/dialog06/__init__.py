"""Checkout-Dialog 06: the till sends a price per kilogram, the scale sends weight and price to pay."""
