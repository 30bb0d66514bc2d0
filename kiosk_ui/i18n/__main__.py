"""`python -m kiosk_ui.i18n update` merges new sentences into every catalogue and lists the untranslated.

`python -m kiosk_ui.i18n check` only looks. Both answer 1 when something is untranslated or unused.
"""

from __future__ import annotations

import argparse
import sys

from kiosk_ui.i18n import SOURCE_LANGUAGE, found_languages
from kiosk_ui.i18n.catalogue import State, extract, state, update_all


def _report(found: State) -> bool:
    print(f"{found.language}: {len(found.untranslated)} untranslated, {len(found.unused)} unused")
    for text in found.untranslated:
        print(f"  untranslated: {text}")
    for text in found.unused:
        print(f"  unused: {text}")
    return not found.untranslated and not found.unused


def main(arguments: list[str]) -> int:
    """Run one of the two commands; 0 when every catalogue is complete."""
    parser = argparse.ArgumentParser(prog="python -m kiosk_ui.i18n", description=__doc__)
    parser.add_argument("command", choices=["update", "check"])
    if parser.parse_args(arguments).command == "update":
        found = update_all()
    else:
        sentences = extract()
        found = [state(code, sentences) for code in found_languages() if code != SOURCE_LANGUAGE]
    complete = [_report(one) for one in found]
    return 0 if all(complete) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
