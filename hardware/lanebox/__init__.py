"""The box under a lane: a board with a load cell, a key switch and three lamps (`lane_box/README.md`)."""
