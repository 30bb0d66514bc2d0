"""The counter's rules: plain Python, no input or output, no clock of its own."""
