"""HTML in which nothing but our own markup has any effect."""

from __future__ import annotations

import base64
from xml.etree.ElementTree import Element, SubElement, tostring

from ...captions.inert_text import InertText

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def element(tag: str, *children: Element | str, **attributes: str) -> Element:
    """An element; strings among children are texts, never markup. class_ is the attribute class.

    element("p", "Dice of ", element("b", "<script>"))   # shows the text <script>
    """
    made = Element(tag, {name.rstrip("_").replace("_", "-"): _inert(value) for name, value in attributes.items()})
    last: Element | None = None
    for child in children:
        if isinstance(child, Element):
            made.append(child)
            last = child
        elif last is None:
            made.text = (made.text or "") + _inert(child)
        else:
            last.tail = (last.tail or "") + _inert(child)
    return made


def picture(png: bytes, description: str) -> Element:
    """A PNG that is part of the page."""
    return element("img", src=f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}", alt=description)


def page(title: str, style: str, *children: Element) -> bytes:
    """A complete page in UTF-8; browsers are told to run nothing and to load nothing.

    style must be our own: style sheets are the one text that HTML does not escape.
    """
    html = Element("html", lang="en")
    head = SubElement(html, "head")
    head.append(Element("meta", charset="utf-8"))
    head.append(Element("meta", {"http-equiv": "Content-Security-Policy", "content": _POLICY}))
    head.append(Element("meta", name="viewport", content="width=device-width, initial-scale=1"))
    head.append(element("title", title))
    SubElement(head, "style").text = style
    body = SubElement(html, "body")
    body.extend(children)
    return f"<!DOCTYPE html>\n{tostring(html, encoding='unicode', method='html')}\n".encode()


def _inert(text: str) -> str:
    return InertText.of(text, most_characters=max(len(text), 1)).text
