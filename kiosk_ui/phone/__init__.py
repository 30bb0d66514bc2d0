"""The shopper's own phone as scanner: from the code at the entrance to the code for the gate."""
