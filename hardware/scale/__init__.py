"""Shop scales on a serial line: Mettler-Toledo 8217 and Checkout-Dialog 06, and scales made of software.

The weight on the receipt must be the one that the scale shows (MID 2014/32/EU, annex VIII; § 31 MessEG), so
drivers hand out only settled net weights that the scale itself calls good, and never compute one.
"""
