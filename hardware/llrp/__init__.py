"""RFID readers that speak LLRP, the Low Level Reader Protocol of EPCglobal/GS1 (version 1.0.1)."""
