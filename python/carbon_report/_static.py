"""The card for readers that run no script and heed no style: saved notebooks, GitHub, nbconvert."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser

#: Text of charts: an image does not know the page's colours, and this grey can be read on white and on black.
GREY = "#757575"

#: What a section keeps; the rest is for the style sheet that is not there.
_ATTRIBUTES = frozenset({"href", "rel", "scope", "colspan", "rowspan", "open", "datetime"})


@dataclass(frozen=True)
class Static:
    """A card as HTML of plain tables and images, Markdown, and one sentence."""

    sentence: str
    markdown: str
    html: str

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": self.sentence, "text/markdown": self.markdown, "text/html": self.html}

    def _repr_html_(self) -> str:
        return self.html

    def _repr_markdown_(self) -> str:
        return self.markdown

    def __repr__(self) -> str:
        return self.sentence


def plain_html(section: str) -> str:
    """The command's HTML section with charts as images and without what only a style sheet would use."""
    parser = _Plain()
    parser.feed(section)
    parser.close()
    return "".join(parser.pieces)


class _Plain(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.pieces: list[str] = []
        self.chart: list[str] | None = None
        self.words: list[str] = []
        self.in_words = False
        self.hidden: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        raw = self.get_starttag_text() or ""
        if tag == "svg":
            self.chart, self.words = [raw.replace("<svg", f'<svg color="{GREY}"', 1)], []
        elif self.chart is not None:
            self.in_words = tag in ("title", "desc")
            self.chart.append(raw)
        elif self.hidden is None:
            if "hidden" in (dict(attrs).get("class") or "").split():
                self.hidden = tag
                return
            kept = [name if value is None else f'{name}="{escape(value)}"' for name, value in attrs if name in _ATTRIBUTES]
            self.pieces.append(f"<{' '.join([tag, *kept])}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.chart is not None:
            self.chart.append(self.get_starttag_text() or "")
        else:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self.chart is not None:
            self.chart.append(f"</{tag}>")
            if self.in_words:
                self.words.append(". " if tag == "title" else "")
            self.in_words = False
            if tag == "svg":
                image = base64.b64encode("".join(self.chart).encode()).decode()
                alt = " ".join("".join(self.words).split())
                self.pieces.append(f'<img src="data:image/svg+xml;base64,{image}" alt="{alt}">')
                self.chart = None
        elif self.hidden is not None:
            self.hidden = None if tag == self.hidden else self.hidden
        else:
            self.pieces.append(f"</{tag}>")

    def _text(self, text: str) -> None:
        if self.chart is not None:
            self.chart.append(text)
            if self.in_words:
                self.words.append(text.replace('"', "&quot;"))
        elif self.hidden is None:
            self.pieces.append(text)

    def handle_data(self, data: str) -> None:
        self._text(data)

    def handle_entityref(self, name: str) -> None:
        self._text(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._text(f"&#{name};")
