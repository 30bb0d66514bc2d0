"""The doors: one for stores (machines), one for the office and its account pages (people)."""
