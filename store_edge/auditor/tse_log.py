"""The signing device's own log for a span of days, fetched over its wire into a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from zoneinfo import ZoneInfo

from hardware import registry
from hardware.errors import DeviceFault
from hardware.tse.exported import Finding, Judged, NotALog, judge
from store_edge.auditor.export import CannotExport
from store_edge.bench import Bench
from store_edge.home_lock import HomeLock
from store_edge.settings import Settings

__all__ = ["Finding", "Judged", "NotALog", "fetch_log", "judge"]


def fetch_log(
    settings: Settings,
    since: dt.date,
    until: dt.date,
    file: Path,
    progress: Callable[[int], None] = lambda bytes: None,
) -> int:
    """Write the log of the days from `since` to `until`, both included, as a TAR; gives its bytes.

    Raises CannotExport, and ShopIsOpen where the device is an emulated one and a running shop has it. Under
    its name the file appears when it is complete.
    """
    device = settings.signing_device
    if not device:
        raise CannotExport("this store has no signing device: there is no [devices.…] with a tse driver")
    if file.exists():
        raise CannotExport(f"{file} is there already; name a new file")
    its = settings.devices[device]
    zone = ZoneInfo(settings.shop.timezone)
    begins = dt.datetime.combine(since, dt.time.min, zone)
    ends = dt.datetime.combine(until + dt.timedelta(days=1), dt.time.min, zone)
    lock: AbstractContextManager[None] = HomeLock(settings.home) if its.emulated else nullcontext()
    bench = Bench(settings.home / "emulators")
    growing = file.with_name(f"{file.name}.part")
    with lock:
        try:
            address = bench.start(device, its) if its.emulated else its.address
            driver = registry.driver(its.driver)(address, **its.options)
            written = 0
            with growing.open("wb") as tar:
                for piece in driver.export(begins, ends):
                    written += tar.write(piece)
                    progress(written)
        except (DeviceFault, LookupError) as fault:
            raise CannotExport(f"{device}: {fault}") from None
        except OSError as error:
            raise CannotExport(f"{growing}: {error.strerror}") from None
        finally:
            bench.stop()
    growing.rename(file)
    return written
