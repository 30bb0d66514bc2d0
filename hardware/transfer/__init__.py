"""Payment by bank transfer: a code that the shopper's bank app reads, and what the bank says came in."""
