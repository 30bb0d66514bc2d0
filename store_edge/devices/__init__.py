"""An agent per device: a thread that bridges a driver to the till, and says how the device is."""
