"""The digital receipt, behind an address that nobody can guess."""
