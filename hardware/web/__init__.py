"""HTTPS for devices that are a service somewhere: the caller's side, and the emulators'."""
