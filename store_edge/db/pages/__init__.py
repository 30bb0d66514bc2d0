"""What stands on a page of the books, a room each; `StorePage` is all of them together."""
