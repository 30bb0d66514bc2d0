"""A card terminal that speaks ZVT over TCP: its words, the dialogue, a driver, and one made of software."""
