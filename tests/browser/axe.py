"""What axe-core finds on a page: the rules of WCAG 2.0 to 2.2, levels A and AA."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

SOURCE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN = """async (rules) => {
  const found = await axe.run(document, {runOnly: rules, resultTypes: ["violations"]});
  return found.violations.map((one) => [one.id, one.help, one.nodes.map((node) => node.html)]);
}"""


def violations(page: Page) -> list[str]:
    """A sentence for each rule that is broken, with the first element that breaks it."""
    page.evaluate(SOURCE.read_text("utf-8"))  # not as a script of the page: our policy forbids that
    found: list[Any] = page.evaluate(RUN, RULES)
    return [f"{rule}: {words} ({len(nodes)}, first {nodes[0][:160]})" for rule, words, nodes in found]


def scrolls_sideways(page: Page) -> bool:
    """Whether somebody has to push the page to and fro to read it (WCAG 2.2, 1.4.10)."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
