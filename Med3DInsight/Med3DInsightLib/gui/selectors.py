"""Small things that panels do with widgets."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any


def say(label: Any, text: str) -> None:
    """Show a text; an empty label would leave a gap."""
    label.text = text
    label.visible = bool(text)


def as_tool_tip(text: str) -> str:
    """A text that may name files, packages or computers as a tool tip; Qt takes what looks like markup for markup."""
    return f"<qt>{html.escape(text)}</qt>" if "<" in text else text


def select_text(selector: Any, text: str) -> None:
    """Choose the entry of a combo box with a text, if there is one."""
    index = selector.findText(text)
    if index >= 0:
        selector.setCurrentIndex(index)


def select_value(selector: Any, value: Any) -> None:
    """Choose the entry of a combo box that stands for a value, if there is one."""
    for index in range(selector.count):
        if selector.itemData(index) == value:
            selector.setCurrentIndex(index)
            return


def offer(selector: Any, texts: Sequence[str], otherwise: str = "") -> bool:
    """Offer exactly these texts, and keep the chosen one if it is among them; whether that changed anything.

    If it is not, the text otherwise is chosen, or the first one if there is no such text. Nobody is told of
    it, so whoever offers looks at what is chosen now.
    """
    if [selector.itemText(index) for index in range(selector.count)] == [*texts]:
        return False
    chosen = selector.currentText
    blocked = selector.blockSignals(True)
    selector.clear()
    selector.addItems([*texts])
    select_text(selector, otherwise)
    select_text(selector, chosen)
    selector.blockSignals(blocked)
    return True


def fill(selector: Any, entries: dict[str, Any], value: Any) -> None:
    """Offer entries, texts with what they stand for, and choose that of a value; nobody is told of it."""
    blocked = selector.blockSignals(True)
    selector.clear()
    for text, stands_for in entries.items():
        selector.addItem(text, stands_for)
    select_value(selector, value)
    selector.blockSignals(blocked)
