"""Receipt printers that speak ESC/POS, Epson's printer language and everybody's."""
