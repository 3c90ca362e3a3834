"""Mail messages into text: who wrote what to whom and when, with quoted lines kept apart."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest
from evals.common.sample_files import mail

from askseoul.errors import ArticleUnreadable
from askseoul.ingest.converters import convert

DATE = "Wed, 04 Jun 2025 23:30:00 +0900"


def body_of(content: bytes) -> str:
    return convert(Path("a.eml"), content).text.partition("From: A. Writer <a@example.org>\n\n")[2]


def test_a_message_has_its_subject_people_and_date():
    found = convert(
        Path("a.eml"),
        mail("The tram waits.\n", Subject="울산 – tram", From="Ann Müller <ann@x.org>", To="Bo <b@x.org>", Date=DATE),
    )
    assert found.text == (
        f"# 울산 – tram\n\nFrom: Ann Müller <ann@x.org>\nTo: Bo <b@x.org>\nDate: {DATE}\n\nThe tram waits."
    )
    assert (found.title, found.source) == ("울산 – tram", "Ann Müller")
    assert (found.published, found.published_from) == ("2025-06-04", "mail header")


@pytest.mark.parametrize(
    ("headers", "source", "published"),
    [
        pytest.param("From: ann@x.org", "ann@x.org", None, id="address alone"),
        pytest.param('From: "Administrator" <root@x.org>', "root@x.org", None, id="placeholder"),
        pytest.param("From: =?euc-kr?B?x9GxuQ==?= <a@x.y>", "한국", None, id="encoded"),
        pytest.param("From: =?nothing?B?x9GxuQ==?= <a@x.y>", "=?nothing?B?x9GxuQ==?=", None, id="unknown encoding"),
        pytest.param("From: a\nDate: yesterday", "a", None, id="no date"),
        pytest.param("From: a\nDate: Wed, 4 Jun 2099 10:00:00 +0900", "a", None, id="future"),
        pytest.param("Subject: only", None, None, id="nobody"),
    ],
)
def test_headers(headers, source, published):
    found = convert(Path("a.eml"), f"{headers}\n\ntext\n".encode())
    assert (found.source, found.published) == (source, published)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        pytest.param("One.\n\nTwo\nlines.\n", "One.\n\nTwo\nlines.", id="paragraphs"),
        pytest.param("So?\n> Yes.\nGood.\n", "So?\n\n> Yes.\n\nGood.", id="quoted between"),
        pytest.param(
            "> The council of Vik has decided to close the bridge\n> for two years.\n>\n> Bo\n",
            "> The council of Vik has decided to close the bridge for two years.\n\n> Bo",
            id="wrapped lines quoted",
        ),
        pytest.param("> > Why?\n> Because.\n", ">> Why?\n\n> Because.", id="quoted twice"),
        pytest.param("Yes.\n-- \nAnn\n", "Yes.\n\nAnn", id="signature"),
        pytest.param("대통령은 🇰🇷 שלום\n", "대통령은 🇰🇷 שלום", id="awkward"),
    ],
)
def test_text(written, text):
    assert body_of(mail(written)) == text


def test_lines_that_flow():
    content = (
        b"From: A. Writer <a@example.org>\nContent-Type: text/plain; format=flowed\n\n"
        b"The tram \nwaits.\nThen \nit goes.\n> So they \n> say.\n"
    )
    assert body_of(content) == "The tram waits.\nThen it goes.\n\n> So they say."


def test_the_plain_version_is_taken():
    assert body_of(mail("Plain.\n", "<p>Markup.</p>")) == "Plain."
    assert body_of(mail("\n", "<p>Markup.</p>")) == "Markup."


def test_markup_becomes_paragraphs_and_quotes():
    markup = "<p>So &amp; so.</p><blockquote>Why?<p>Bo</p><blockquote><p>When?</p></blockquote></blockquote><p>End.</p>"
    assert body_of(mail("", markup)) == "So & so.\n\n> Why?\n\n> Bo\n\n>> When?\n\nEnd."


def test_attachments_are_named():
    found = convert(Path("a.eml"), mail("See there.\n", "", {"Kosten é.pdf": b"x", "b.docx": b"y"}))
    assert found.notes == ("2 attachments were left out: Kosten é.pdf, b.docx",)


def test_a_message_in_a_message_is_an_attachment():
    inner, outer = EmailMessage(), EmailMessage()
    inner.set_content("Inner.")
    outer["From"] = "A. Writer <a@example.org>"
    outer.set_content("Outer.")
    outer.add_attachment(inner)
    found = convert(Path("a.eml"), outer.as_bytes())
    assert "Inner" not in found.text
    assert found.notes == ("1 attachment was left out: message/rfc822",)


def test_an_encoding_that_is_not_stated_is_guessed_and_told():
    content = "From: A. Writer <a@example.org>\n\n“It’s over”, said José Muñoz.\n".encode("cp1252")
    assert body_of(content) == "“It’s over”, said José Muñoz."
    assert convert(Path("a.eml"), content).notes == ("its encoding was guessed: windows-1252",)


def test_an_encrypted_message():
    with pytest.raises(ArticleUnreadable, match=r"a\.eml can't be read \(it is encrypted\): open it in a mail program"):
        convert(Path("a.eml"), b"From: a\nContent-Type: multipart/encrypted; boundary=x\n\n--x--\n")


@pytest.mark.parametrize("depth", [50, 5_000])
def test_nesting_without_end(depth):
    nested = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(depth))
    try:
        assert "deep" in convert(Path("a.eml"), f"From: a\n{nested}\ndeep\n".encode()).text
    except ArticleUnreadable as error:
        assert "a.eml" in str(error)
