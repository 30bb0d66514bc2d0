"""The demo shop's devices, all emulated: one lane, what serves all phones, two cabins and an exit."""

from __future__ import annotations

from checkout.phone_lane import PHONE
from store_edge.device_settings import CABIN, GATE, DeviceSettings, ZoneSettings

DEMO_CABINS = {
    "cabin-1": ZoneSettings(CABIN, (1, 2)),
    "cabin-2": ZoneSettings(CABIN, (3, 4)),
}
DEMO_DEVICES = {
    "scanner-1": DeviceSettings("scanner.serial", emulated=True),
    "camera-1": DeviceSettings("camera.opencv", emulated=True),
    "tray-1": DeviceSettings("rfid.llrp", emulated=True),
    "terminal-1": DeviceSettings("terminal.zvt", emulated=True),
    "printer-1": DeviceSettings("printer.escpos", emulated=True),
    "tse-1": DeviceSettings("tse.local", emulated=True),
    "scale-1": DeviceSettings("scale.dialog06", emulated=True),
    "lanebox-1": DeviceSettings("lanebox.serial", emulated=True),
    "display-1": DeviceSettings("display.escpos", emulated=True),
    "tower-1": DeviceSettings("tower.modbus", emulated=True),
    "gate-1": DeviceSettings("gate.modbus", emulated=True),
    "bank-phone": DeviceSettings("transfer.sepa", lane=PHONE, emulated=True),
    "on-file-phone": DeviceSettings("on_file.rest", lane=PHONE, emulated=True),
    "fitting-1": DeviceSettings("rfid.llrp", lane="", emulated=True, zones=DEMO_CABINS),
    "exit-1": DeviceSettings("rfid.llrp", lane="", emulated=True, zones={"exit": ZoneSettings(GATE, (1, 2))}),
}
