"""The kiosk: one page per lane, whose content is a function of the lane's basket."""
