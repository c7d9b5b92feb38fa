"""What a page consists of, and that it is inert."""

from __future__ import annotations

import re
from html.parser import HTMLParser


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text.append(data)

    @property
    def shown(self):
        return "".join(self.text)


def looks_of(path):
    """The tags of a page, after checking that it runs nothing and loads nothing."""
    text = path.read_bytes().decode("utf-8")
    page = Tags()
    page.feed(text)
    assert not {"script", "iframe", "link", "object", "a", "form"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    sources = [value for name, value in page.attributes if name in {"src", "href", "data"}]
    assert all(source.startswith("data:image/png;base64,") for source in sources)
    assert len(sources) == page.tags.count("img")
    assert "http" not in re.sub("http-equiv|http://www.w3.org/2000/svg", "", text)
    assert "Research software, not a diagnostic device." in page.shown
    return page
