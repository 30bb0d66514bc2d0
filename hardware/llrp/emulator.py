"""An RFID reader that is not there: real LLRP on a real socket, with tags a person can lay and lift.

It keeps the parts of a reader's life that a store meets: one client at a time,
the ROSpec's life cycle, inventory rounds per antenna, keepalives, and the bad
days (`hush`, `babble`, `unplug`). llrpkit's own emulator reads one tag at random
per tick and cannot fall silent, hence this one; tests set each against the
other's client.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from llrpkit.protocol import BitStr, LLRPMessage, enums, messages, params

from hardware.errors import Garbled
from hardware.llrp.codec import Framer, TagReports
from hardware.loopback import Outlet
from hardware.tag_field import ANTENNAS, Sighting, TagField

ROUND_S = 0.1
BABBLE_BYTES = 256
RECV_BYTES = 65_536
HANDOVER_S_MAX = 0.5
"""How long a new client waits for the one before it to be gone, before it is refused."""
POWERS_DBM = range(10, 31)


@dataclass
class _Talk:
    """What one connected client has set up."""

    line: socket.socket
    rospecs: dict[int, tuple[params.ROSpec, str]] = field(default_factory=dict)
    keepalive_s: float | None = None
    keepalive_due: float = 0.0
    round_due: float = 0.0
    open: bool = True

    def send(self, message: LLRPMessage, message_id: int = 0) -> None:
        self.line.sendall(message.to_bytes(message_id=message_id))

    def antennas(self) -> set[int]:
        """Antennas on which an active ROSpec reads."""
        named: set[int] = set()
        for spec, state in self.rospecs.values():
            if state == "active":
                for part in spec.spec_parameters:
                    named.update(getattr(part, "antenna_ids", ()))
        return set(range(1, ANTENNAS + 1)) if 0 in named else named


class ReaderEmulator(TagField):
    """`start()` gives the driver's address. All acts may be called from any thread, connected or not."""

    def __init__(
        self, *, round_s: float = ROUND_S, seed: int = 1, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(seed=seed)
        self._round_s = round_s
        self._clock = clock
        self._lock = threading.Condition()
        self._hushed = threading.Event()
        self._babbling = threading.Event()
        self._client: _Talk | None = None
        self._outlet = Outlet(self._serve, "llrp-emulator")

    def start(self) -> str:
        """Listen on a free port and give the address, `tcp://127.0.0.1:<port>`."""
        return f"tcp://127.0.0.1:{self._outlet.plug()}"

    def stop(self) -> None:
        """End for good."""
        self._outlet.stop()

    def unplug(self) -> None:
        """Power off: connections drop, new ones are refused."""
        self._outlet.unplug()

    def plug(self) -> None:
        """Power on at the same address, healthy again; the tags still lie there."""
        self._hushed.clear()
        self._babbling.clear()
        self._outlet.plug()

    def hush(self) -> None:
        """Stop keepalives, reports and answers while TCP stays open: a hung firmware. Power-cycle to heal."""
        self._hushed.set()

    def babble(self) -> None:
        """Send bytes that are no LLRP, once."""
        self._babbling.set()

    def _serve(self, line: socket.socket) -> None:
        talk = _Talk(line)
        with self._lock:
            refused = not self._lock.wait_for(lambda: self._client is None, HANDOVER_S_MAX)
            if not refused:
                self._client = talk
        kind = enums.ConnectionAttemptStatusType
        if refused:
            exists = kind.Failed_A_Client_Initiated_Connection_Already_Exists
            talk.send(_event(params.ConnectionAttemptEvent(status=exists)))
            return
        try:
            if not self._hushed.is_set():
                talk.send(_event(params.ConnectionAttemptEvent(status=kind.Success)))
            self._converse(talk)
        finally:
            with self._lock:
                self._client = None
                self._lock.notify_all()

    def _converse(self, talk: _Talk) -> None:
        framer = Framer()
        while talk.open:
            self._act(talk)
            talk.line.settimeout(self._pause_s(talk))
            try:
                data = talk.line.recv(RECV_BYTES)
            except TimeoutError:
                continue
            if not data:
                return
            try:
                requests = framer.feed(data)
            except Garbled:
                return
            for request in requests:
                if isinstance(request, TagReports):  # clients report nothing
                    return
                if not self._hushed.is_set():
                    self._answer(talk, request)

    def _pause_s(self, talk: _Talk) -> float:
        dues = [self._clock() + self._round_s]
        if talk.keepalive_s is not None:
            dues.append(talk.keepalive_due)
        if talk.antennas():
            dues.append(talk.round_due)
        return max(0.001, min(dues) - self._clock())

    def _act(self, talk: _Talk) -> None:
        """Do what is due of our own accord: babble, keepalive, a round."""
        if self._babbling.is_set():
            self._babbling.clear()
            talk.line.sendall(b"\xff" + self.noise(BABBLE_BYTES))
        if self._hushed.is_set():
            return
        now = self._clock()
        if talk.keepalive_s is not None and now >= talk.keepalive_due:
            talk.keepalive_due = now + talk.keepalive_s
            talk.send(messages.KEEPALIVE())
        if now >= talk.round_due and talk.antennas():
            talk.round_due = now + self._round_s
            reports = [_report(seen) for seen in self.round(talk.antennas())]
            if reports:
                talk.send(messages.RO_ACCESS_REPORT(tag_report_datas=reports))

    def _answer(self, talk: _Talk, request: LLRPMessage) -> None:
        match request:
            case messages.KEEPALIVE_ACK():
                return
            case messages.GET_READER_CAPABILITIES():
                answer: LLRPMessage = _capabilities()
            case messages.SET_READER_CONFIG():
                self._configure(talk, request)
                answer = messages.SET_READER_CONFIG_RESPONSE(llrp_status=_status(None))
            case messages.ADD_ROSPEC():
                spec = request.ro_spec
                answer = messages.ADD_ROSPEC_RESPONSE(llrp_status=_status(_added(talk, spec)))
            case messages.ENABLE_ROSPEC():
                why = _moved(talk, request.ro_spec_id, "disabled", "enabled")
                answer = messages.ENABLE_ROSPEC_RESPONSE(llrp_status=_status(why))
            case messages.START_ROSPEC():
                why = _moved(talk, request.ro_spec_id, "enabled", "active")
                answer = messages.START_ROSPEC_RESPONSE(llrp_status=_status(why))
            case messages.STOP_ROSPEC():
                why = _moved(talk, request.ro_spec_id, "active", "enabled")
                answer = messages.STOP_ROSPEC_RESPONSE(llrp_status=_status(why))
            case messages.DELETE_ROSPEC():
                why = _deleted(talk, request.ro_spec_id)
                answer = messages.DELETE_ROSPEC_RESPONSE(llrp_status=_status(why))
            case messages.CLOSE_CONNECTION():
                talk.open = False
                answer = messages.CLOSE_CONNECTION_RESPONSE(llrp_status=_status(None))
            case _:
                why = f"{type(request).__name__} is not supported"
                answer = messages.ERROR_MESSAGE(llrp_status=_status(why))
        talk.send(answer, request.message_id)

    def _configure(self, talk: _Talk, request: messages.SET_READER_CONFIG) -> None:
        spec = request.keepalive_spec
        if spec is None:
            return
        periodic = int(spec.keepalive_trigger_type) == enums.KeepaliveTriggerType.Periodic
        talk.keepalive_s = max(1, spec.periodic_trigger_value) / 1000 if periodic else None
        talk.keepalive_due = self._clock() + (talk.keepalive_s or 0.0)


def _added(talk: _Talk, spec: params.ROSpec) -> str | None:
    if spec.ro_spec_id in talk.rospecs:
        return f"ROSpec {spec.ro_spec_id} exists"
    talk.rospecs[spec.ro_spec_id] = (spec, "disabled")
    return None


def _moved(talk: _Talk, ro_spec_id: int, before: str, after: str) -> str | None:
    spec, state = talk.rospecs.get(ro_spec_id, (None, "missing"))
    if spec is None or state != before:
        return f"ROSpec {ro_spec_id} is {state}, not {before}"
    talk.rospecs[ro_spec_id] = (spec, after)
    return None


def _deleted(talk: _Talk, ro_spec_id: int) -> str | None:
    if ro_spec_id == 0:  # LLRP 1.0.1, 10.2.2: zero names them all
        talk.rospecs.clear()
    elif talk.rospecs.pop(ro_spec_id, None) is None:
        return f"ROSpec {ro_spec_id} is missing"
    return None


def _status(why: str | None) -> params.LLRPStatus:
    if why is None:
        return params.LLRPStatus(status_code=enums.StatusCode.M_Success)
    return params.LLRPStatus(status_code=enums.StatusCode.M_ParameterError, error_description=why)


def _now_us() -> int:
    return time.time_ns() // 1000


def _event(attempt: params.ConnectionAttemptEvent) -> LLRPMessage:
    return messages.READER_EVENT_NOTIFICATION(
        reader_event_notification_data=params.ReaderEventNotificationData(
            timestamp=params.UTCTimestamp(microseconds=_now_us()), connection_attempt_event=attempt
        )
    )


def _report(seen: Sighting) -> params.TagReportData:
    tag = seen.tag
    epc: params.EPC_96 | params.EPCData
    if len(tag.epc) == 12:
        epc = params.EPC_96(epc=tag.epc)
    else:
        epc = params.EPCData(epc=BitStr.from_bytes(tag.epc))
    now = _now_us()
    return params.TagReportData(
        epc_parameter=epc,
        antenna_id=params.AntennaID(antenna_id=tag.antenna),
        peak_rssi=params.PeakRSSI(peak_rssi=max(-128, min(127, round(seen.level_dbm)))),
        first_seen_timestamp_utc=params.FirstSeenTimestampUTC(microseconds=now),
        last_seen_timestamp_utc=params.LastSeenTimestampUTC(microseconds=now),
        tag_seen_count=params.TagSeenCount(tag_count=1),
    )


def _capabilities() -> LLRPMessage:
    gen2 = bytes([enums.AirProtocols.EPCGlobalClass1Gen2])
    powers = [
        params.TransmitPowerLevelTableEntry(index=i, transmit_power_value=dbm * 100)
        for i, dbm in enumerate(POWERS_DBM, start=1)
    ]
    band = params.UHFBandCapabilities(
        transmit_power_level_table_entrys=powers,
        frequency_information=params.FrequencyInformation(
            hopping=False,
            # the four channels of ETSI EN 302 208 (lower band), in kHz
            fixed_frequency_table=params.FixedFrequencyTable(frequency=[865_700, 866_300, 866_900, 867_500]),
        ),
        air_protocol_uhfrf_mode_tables=[params.C1G2UHFRFModeTable(c1_g2_uhfrf_mode_table_entrys=[_RF_MODE])],
    )
    return messages.GET_READER_CAPABILITIES_RESPONSE(
        llrp_status=_status(None),
        general_device_capabilities=params.GeneralDeviceCapabilities(
            max_number_of_antenna_supported=ANTENNAS,
            can_set_antenna_properties=False,
            has_utc_clock_capability=True,
            device_manufacturer_name=0,
            model_name=1,
            reader_firmware_version="emma",
            receive_sensitivity_table_entrys=[
                params.ReceiveSensitivityTableEntry(index=1, receive_sensitivity_value=0)
            ],
            gpio_capabilities=params.GPIOCapabilities(num_gp_is=0, num_gp_os=0),
            per_antenna_air_protocols=[
                params.PerAntennaAirProtocol(antenna_id=i, protocol_id=gen2) for i in range(1, ANTENNAS + 1)
            ],
        ),
        regulatory_capabilities=params.RegulatoryCapabilities(
            country_code=276,  # Germany, ISO 3166-1
            communications_standard=enums.CommunicationsStandard.ETSI_302_208,
            uhf_band_capabilities=band,
        ),
    )


_RF_MODE = params.C1G2UHFRFModeTableEntry(
    mode_identifier=2,
    dr_value=True,
    epchagtc_conformance=False,
    m_value=2,
    forward_link_modulation=0,
    spectral_mask_indicator=3,
    bdr_value=274_000,
    pie_value=1500,
    min_tari_value=6250,
    max_tari_value=25_000,
    step_tari_value=1875,
)
