"""RFID readers with Impinj's IoT device interface (R700 and its kin): HTTP, and tags as lines of JSON."""
