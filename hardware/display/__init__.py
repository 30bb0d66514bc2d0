"""Customer displays: two lines of twenty characters, by the ESC/POS commands of Epson's DM-D series."""
