"""RFID readers with Zebra's IoT Connector (FX7500, FX9600, FXR90): tags as JSON through an MQTT broker."""
