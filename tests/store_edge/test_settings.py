"""Settings: none needed; what is written wrongly is named, with the nearest right word."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from checkout.loyalty.programme import PROGRAMME
from checkout.returns import ReturnRules
from store_edge.counter import load_programme, return_rules
from store_edge.settings import (
    DEMO_DEVICES,
    BadSettings,
    BanSettings,
    DeviceSettings,
    Settings,
    ShopSettings,
    load_settings,
)


@pytest.fixture
def written(tmp_path):
    def write(text):
        file = tmp_path / "store.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return write


def complaint(file):
    with pytest.raises(BadSettings) as bad:
        load_settings(file, environ={})
    assert str(file) in str(bad.value)
    return str(bad.value)


def test_no_file_is_needed():
    settings = load_settings(environ={})
    assert settings == Settings()
    assert settings.database_url == "sqlite:///.emma/store.db"
    assert settings.devices == DEMO_DEVICES
    assert all(device.emulated for device in settings.devices.values())


def test_a_file_changes_what_it_names_and_nothing_else(written):
    file = written(
        'lanes = ["1", "2"]\n[shop]\nname = "Karl"\naddress = ["Weg 1"]\n[limits]\npayment_s = 90\n'
    )
    settings = load_settings(file, environ={})
    assert settings.lanes == ("1", "2")
    assert settings.shop == ShopSettings(name="Karl", address=("Weg 1",))
    assert settings.limits.payment_s == 90.0
    assert settings.head_office == Settings().head_office


def test_hours_at_which_a_group_is_not_sold(written):
    file = written('[bans.night]\ngroups = ["alcohol"]\nsince = 22:00:00\nuntil = 05:00:00\n')
    night = BanSettings(("alcohol",), dt.time(22), dt.time(5))
    assert load_settings(file, environ={}).bans == {"night": night}
    wrong = written('[bans.night]\ngroups = ["alcohol"]\nsince = "ten"\nuntil = 05:00:00\n')
    assert "bans.night.since is 'ten'" in complaint(wrong)


def test_devices_of_a_file_stand_in_for_the_demo_ones(written):
    file = written(
        '[devices.front]\ndriver = "scanner.serial"\naddress = "serial:///dev/ttyUSB0"\nlane = "2"\n'
        "options = { baud = 9600 }\n"
    )
    assert load_settings(file, environ={}).devices == {
        "front": DeviceSettings("scanner.serial", "serial:///dev/ttyUSB0", "2", False, {"baud": 9600})
    }


@pytest.mark.parametrize(
    ("text", "named", "nearest"),
    [
        ("lane = ['1']", "lane", "lanes"),
        ("[shop]\ntaxnumber = '1'", "shop.taxnumber", "tax_number"),
        ("[limits]\npayments = 3", "limits.payments", "payment_s"),
        ("[devices.a]\ndriver = 'x'\nadress = 'y'", "devices.a.adress", "address"),
        ("[returns]\ngoodwil_days = 14", "returns.goodwil_days", "goodwill_days"),
        ("[returns]\nexcluded = ['linen']", "returns.excluded", "excluded_groups"),
        ("[head_ofice]\nurl = ''", "head_ofice", "head_office"),
    ],
)
def test_an_unknown_key_is_named_with_the_nearest_known_one(written, text, named, nearest):
    said = complaint(written(text))
    assert f"no setting {named};" in said
    assert f"did you mean {nearest!r}?" in said


def test_a_key_like_no_other_is_answered_with_all_there_are(written):
    assert "known are bans, cash, coupons, database, demo, deposit, devices, " in complaint(
        written("zzzzzz = 1")
    )


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("lanes = '1'", "lanes"),
        ("lanes = [1]", "lanes"),
        ("demo = 'yes'", "demo"),
        ("home = 3", "home"),
        ("shop = 'Karl'", "shop"),
        ("[shop]\nname = 5", "shop.name"),
        ("[limits]\noffer_s = 'soon'", "limits.offer_s"),
        ("[limits]\noffer_s = true", "limits.offer_s"),
        ("devices = []", "devices"),
        ("[devices]\na = 'scanner.serial'", "devices.a"),
        ("[devices.a]\ndriver = 'x'\nemulated = 1", "devices.a.emulated"),
        ("[devices.a]\ndriver = 'x'\noptions = 'fast'", "devices.a.options"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named(written, text, named):
    assert f": {named} is " in complaint(written(text))


def test_a_device_without_a_driver_is_named(written):
    assert "devices.a needs driver" in complaint(written("[devices.a]\nlane = '1'"))


def test_a_file_that_is_no_toml_is_named(written):
    complaint(written("lanes = ["))


def test_a_file_that_is_no_text_is_named(tmp_path):
    file = tmp_path / "store.toml"
    file.write_bytes(b"lanes = ['\xff']")
    complaint(file)


def test_a_missing_file_is_named(tmp_path):
    assert "cannot be read" in complaint(tmp_path / "missing.toml")


def test_the_environment_goes_before_the_file_and_the_command_line_before_both(written):
    file = written("home = 'file'\ndatabase = 'sqlite:///file.db'")
    environ = {"EMMA_HOME": "env", "EMMA_DATABASE": "sqlite:///env.db"}
    assert load_settings(file, environ={}).home == Path("file")
    settings = load_settings(file, environ=environ)
    assert (settings.home, settings.database_url) == (Path("env"), "sqlite:///env.db")
    assert load_settings(file, environ=environ, home=Path("word")).home == Path("word")
    assert load_settings(file, environ=environ, home=None).home == Path("env")


def test_an_empty_variable_says_nothing():
    assert load_settings(environ={"EMMA_HOME": "", "EMMA_DATABASE": ""}) == Settings()


def test_the_database_lies_in_the_home_folder():
    assert (
        load_settings(environ={"EMMA_HOME": "/var/lib/emma"}).database_url
        == "sqlite:////var/lib/emma/store.db"
    )


def test_settings_cannot_be_changed_afterwards():
    with pytest.raises(AttributeError):
        Settings().demo = False


def test_a_points_programme_of_ones_own_or_a_sentence_with_the_file(tmp_path: Path) -> None:
    file = tmp_path / "points.toml"
    assert load_programme("") == PROGRAMME
    file.write_text("[[rules]]\nsince = 2026-01-01\nminor_per_point = 500\n", encoding="utf-8")
    assert load_programme(str(file)).rules[0].minor_per_point == 500
    for wrong in ("[[rules]]\nsince = 2026-01-01\nlive_months = 5\n", "rules = [", ""):
        file.write_text(wrong, encoding="utf-8")
        with pytest.raises(BadSettings, match=r"points\.toml: "):
            load_programme(str(file))
    with pytest.raises(BadSettings, match="cannot be read"):
        load_programme(str(tmp_path / "none.toml"))


def test_what_a_shop_takes_back_stands_in_its_settings(written: Callable[[str], Path]) -> None:
    file = written(
        "[returns]\ngoodwill_days = 14\nalone_minor_max = 5000\nwithout_receipt = false\n"
        'excluded_groups = ["linen"]\n'
    )
    assert return_rules(load_settings(file, environ={})) == ReturnRules(
        goodwill_days=14, alone_minor_max=5000, without_receipt=False, excluded=frozenset({"linen"})
    )
    assert return_rules(Settings()) == ReturnRules()


def test_no_shop_grants_less_than_the_law(written: Callable[[str], Path]) -> None:
    with pytest.raises(BadSettings, match="the law says two years"):
        load_settings(written("[returns]\nfault_days = 365\n"), environ={})


def test_a_random_share_above_the_whole_budget_is_refused(tmp_path):
    file = tmp_path / "store.toml"
    file.write_text("[loss]\nspot_check_random_share = 0.2\n")
    with pytest.raises(BadSettings, match="spot_check_random_share must not be more"):
        load_settings(file, environ={})
