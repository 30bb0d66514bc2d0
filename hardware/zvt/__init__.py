"""Card terminals that speak ZVT, over TCP or a serial line: words, dialogue, driver, emulator."""
