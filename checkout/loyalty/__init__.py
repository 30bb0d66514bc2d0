"""Points: what a purchase gives, what points give back, and the books that are kept about them.

Store and head office share these rules: the store says beforehand what head office will book afterwards.
"""
