"""The store's box: its database, its journal, its devices and what follows from what."""
