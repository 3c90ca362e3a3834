"""The pieces of HTML that the page is made of, and the rules that keep text from becoming markup.

Text from articles, questions and file names is data: it is escaped where it is inserted, and ``clean`` sanitises the
result down to the few elements that the page uses. Fragments for the chat are on one line, since a blank line would end
the HTML block and start Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

import nh3
from markupsafe import Markup, escape

from askseoul.domain import dated_by
from askseoul.nlp.markdown import unmarked
from askseoul.nlp.text import canonical_text, replace_surrogates

_TAGS: Final = set(
    "a article aside b blockquote button cite details div dl dt dd em footer h1 h2 h3 h4 h5 h6 header li mark ol p "
    "section small span strong summary time ul".split()
)
_ATTRIBUTES: Final = {
    "*": {"class", "dir", "id", "lang", "role", "tabindex", "title"},
    "a": {"href", "target"},
    "button": {"type"},
    "time": {"datetime"},
}
_NOT_IN_URL: Final = re.compile(r"[\s<>\"\\]")
_SCRIPTS: Final = {  # languages recognised by their script; Han alone could be Chinese or Japanese
    "ko": "\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3",
    "ja": "\u3040-\u30ff\u31f0-\u31ff",
    "zh": "\u2e80-\u2fdf\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff",
    "ar": "\u0600-\u06ff\u0750-\u077f",
    "he": "\u0590-\u05ff",
    "ru": "\u0400-\u04ff",
    "el": "\u0370-\u03ff",
}
_FOREIGN: Final = re.compile(
    "|".join(f"(?P<{name}>[{letters}]+(?:[ ·]+[{letters}]+)*)" for name, letters in _SCRIPTS.items())
)


def button(action: str, label: str, title: str = "", **data: str) -> Markup:
    """A button for the page's script: ``action`` names the function to call, ``data`` its arguments."""
    attributes = join(Markup(' data-{}="{}"').format(name, value) for name, value in data.items())
    hint = Markup(' title="{}"').format(title) if title else ""
    return Markup('<button type="button" data-action="{}"{}{}>{}</button>').format(
        action, attributes, hint, text_html(label)
    )


def source_html(title: str, source: str | None, published: str | None, published_from: str | None = None) -> Markup:
    """Title, source and date of an article on one line, and how the date is known, if given."""
    date = Markup('<time datetime="{0}">{0}</time>').format(published) if published else Markup("undated")
    if published and (known := dated_by(published_from)):
        date += Markup(", {}").format(text_html(known))
    names = [Markup('<cite dir="auto">{}</cite>').format(prose_html(title)) if title else "", text_html(source or "")]
    return Markup(" · ").join([*filter(None, names), date])


def link_to(url: str | None) -> str | None:
    """The URL if it is an http or https URL that needs no escaping in a link, else None."""
    if not url or _NOT_IN_URL.search(url) or display_text(url) != url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:  # such as "http://["
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None


def text_html(text: str) -> Markup:
    """``display_text``, escaped, with the language of other scripts marked."""
    return mark_languages(display_text(text))


def prose_html(text: str) -> Markup:
    """``text_html`` of what comes from an article, without its marks of Markdown."""
    return text_html(unmarked(text))


def lines_html(text: str) -> Markup:
    """``prose_html`` of each line of a text, a line each."""
    lines = (unmarked(line, keep_items=True) for line in text.split("\n") if line.strip())
    return Markup(" ").join(Markup('<span class="line">{}</span>').format(text_html(line)) for line in lines)


def display_text(text: str) -> str:
    """The text on one line, without invisible characters and controls of direction."""
    return " ".join(canonical_text(replace_surrogates(text))[0].split())


def mark_languages(text: str) -> Markup:
    """The text, escaped and otherwise unchanged, with ``lang`` for screen readers on words in non-Latin scripts."""
    return Markup(_FOREIGN.sub(lambda word: f'<span lang="{word.lastgroup}">{word[0]}</span>', str(escape(text))))


def unseen(content: Markup) -> Markup:
    """Content that belongs to a text and is not seen on the page; nothing if it is empty."""
    return Markup('<span class="unseen">{}</span>').format(content) if content else Markup("")


def clean(html: str, *, keep_lines: bool = False) -> str:
    """The HTML reduced to the elements and attributes that the page uses, on one line unless ``keep_lines``."""
    cleaned = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        generic_attribute_prefixes={"aria-", "data-"},
        url_schemes={"http", "https"},
        link_rel="noopener noreferrer",
    )
    return cleaned if keep_lines else cleaned.replace("\n", "&#10;")  # the same line break, also in an attribute


def join(parts: Iterable[str]) -> Markup:
    """The parts in a row; a plain string is escaped."""
    return Markup("").join(parts)
