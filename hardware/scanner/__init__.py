"""A barcode scanner on a serial line: what it says, how we listen, and one made of software."""
