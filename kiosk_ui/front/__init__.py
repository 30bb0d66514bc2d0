"""The front page: which doors this shop has."""
