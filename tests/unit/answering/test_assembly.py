"""Drafts into an answer: what fails a check or has no exact quote is left out; coverage says what it rests on."""

from __future__ import annotations

import ast
import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.answering.answerability import Decision
from askseoul.answering.assembly import (
    REPAIRED,
    AnswerBuilder,
    QueryContext,
    count_sources,
    counted,
    cover,
    refuse,
    rendered,
    whole_text,
)
from askseoul.answering.drafting import quote_draft
from askseoul.answering.reverify import reverify
from askseoul.domain import Citation, Coverage, Draft, Quote, Retrieved, Sentence, Trace, as_json
from askseoul.nlp.text import parse, split_sentences
from askseoul.retrieval.search import Filter
from askseoul.verification.claim import SAYING
from tests.support.articles import make_article, make_evidence, make_hit, verify_drafts
from tests.support.fakes import FakeReader, supported, word_reader

SOURCE = Path(__file__).parents[3] / "src" / "askseoul"

FERRY = make_article(
    "The ferry Mara carries 300 people. It may sail to Jeju in 2031! Captain Ada Park does not smoke. "
    "She said: “The sea is calm.” 서울의 배는 새 배다 🙂.",
    "ferry.md",
    title="The ferry Mara",
    source="The Daily",
    published="2024-05-04",
    url="https://example.org/ferry",
)
TEA = make_article("Tea from Boseong costs 9,000 won. It is drunk in 40 countries.", "tea.md", title="Tea")
OLD = make_article("The ferry Mara was built in 1998.", "old.md", title="Old news", published="1998-06")
ARTICLES = {article.id: article for article in (FERRY, TEA, OLD)}

CONTEXT = QueryContext("17", "How many people?", "en", Filter(12, 0), (), Trace({"draft": 0.1}, "scripted", "words"))


def quote(article, piece):
    start = article.text.index(piece)
    return Quote(article, start, start + len(piece))


CARRIES = quote(FERRY, "The ferry Mara carries 300 people.")
SAILS = quote(FERRY, "It may sail to Jeju in 2031!")
SMOKES = quote(FERRY, "Captain Ada Park does not smoke.")
SAID = quote(FERRY, "She said: “The sea is calm.”")
COSTS = quote(TEA, "Tea from Boseong costs 9,000 won.")
BUILT = quote(OLD, "The ferry Mara was built in 1998.")
QUOTES = [
    CARRIES,
    SAILS,
    SMOKES,
    SAID,
    COSTS,
    BUILT,
    quote(FERRY, "서울의 배는 새 배다 🙂."),
    quote(FERRY, "carries 300"),
]


def verified(*drafts, reader=None):
    return verify_drafts(CONTEXT, drafts, make_evidence(FERRY, CARRIES.text), reader or word_reader())


def faults(answer):
    return reverify(as_json(answer), ARTICLES.__getitem__, word_reader())


# Drafts that are kept or replaced


def test_a_draft_that_passes_its_checks_is_kept_with_its_quote():
    said = "On the Mara, 300 people are carried"
    answer = verified(Draft(f"{said}.", (CARRIES,)))
    assert answer.answered
    assert answer.text == f"{said} [1]."
    [sentence] = answer.sentences
    assert (sentence.text, sentence.verdict, sentence.citations) == (said, "supported", (1,))
    assert sentence.support == 1
    assert all(check.passed for check in sentence.checks)
    assert answer.citations == (
        Citation(1, "ferry.md", "The ferry Mara", "The Daily", "2024-05-04", "https://example.org/ferry",
                 "The ferry Mara carries 300 people.", 0, 34, FERRY.sha256),
    )  # fmt: skip
    assert answer.refusal is None


@pytest.mark.parametrize(
    ("lie", "quotes"),
    [
        pytest.param("On the Mara, 3,000 people are carried.", CARRIES, id="a number"),
        pytest.param("On the Mara, at most 300 people are carried.", CARRIES, id="a bound"),
        pytest.param("On the Orion, 300 people are carried.", CARRIES, id="a name"),
        pytest.param("In 2032, it could be seen in Jeju.", SAILS, id="a year"),
        pytest.param("“The sea is rough” were her words.", SAID, id="a fabricated quotation"),
        pytest.param("People pay 9,000 dollars for Boseong tea.", COSTS, id="another currency"),
        pytest.param("On the Mara, 300 people are carried [9].", CARRIES, id="a number that points nowhere"),
        pytest.param("Source 7: on the Mara, 300 people are carried.", CARRIES, id="a source that does not exist"),
        pytest.param("", CARRIES, id="nothing"),
    ],
)
def test_a_draft_that_fails_a_guard_is_replaced_by_its_quote_whatever_is_read(lie, quotes):
    answer = verified(Draft(lie, (quotes,)), reader=FakeReader(supports=lambda claim: supported(1.0)))
    assert [sentence.text for sentence in answer.sentences] == [quotes.text.removesuffix(".")]
    assert faults(answer) == []


@pytest.mark.parametrize(
    "copy",
    [
        pytest.param("The Mara carries 300 people.", id="a true one"),
        pytest.param("The ferry Mara carries 300 pandas.", id="a false one"),
    ],
)
def test_a_changed_copy_is_replaced_by_its_quote_however_sure_the_reader_is(copy):
    answer = verified(Draft(copy, (CARRIES,)), reader=FakeReader(supports=lambda claim: supported(1.0)))
    assert answer.text == "The ferry Mara carries 300 people [1]."
    assert answer.trace.drafts == {"said": 0, "repaired": 0, "replaced": 1, "dropped": 0}
    assert faults(answer) == []


@pytest.mark.parametrize(
    ("lie", "quotes"),
    [
        pytest.param("It will sail to Jeju in 2031.", SAILS, id="a promise for a chance"),
        pytest.param("Captain Ada Park smokes.", SMOKES, id="a denial left out"),
        pytest.param("The ferry Mara does not carry 300 people.", CARRIES, id="a denial put in"),
        pytest.param("Wombats dig burrows.", CARRIES, id="something else"),
    ],
)
def test_a_draft_that_is_read_as_unsupported_is_replaced_by_its_quote(lie, quotes):
    reader = FakeReader()
    answer = verified(Draft(lie, (quotes,)), reader=reader)
    assert [sentence.text for sentence in answer.sentences] == [quotes.text.removesuffix(".")]
    assert {asked.claim for asked in reader.asked} == {lie.removesuffix(".")}


@pytest.mark.parametrize("lie", ["Yes.", "Yes, it did.", "🙂", "Here it is.", "."])
def test_a_draft_without_content_is_replaced_too(lie):
    assert verified(Draft(lie, (CARRIES,))).text == "The ferry Mara carries 300 people [1]."


def test_a_draft_that_fails_on_two_quotes_is_replaced_by_the_first():
    answer = verified(Draft("The ferry Orion costs 5 won.", (CARRIES, COSTS)))
    assert answer.text == "The ferry Mara carries 300 people [1]."
    assert len(answer.citations) == 1


@pytest.mark.parametrize(
    ("start", "end"), [(0, 10_000), (-5, 34), (34, 0), (5, 5), (10_000, 10_001)],
    ids=["beyond the end", "before the start", "backwards", "empty", "outside"],
)  # fmt: skip
def test_a_quote_outside_its_article_is_never_shown(start, end):
    broken = Quote(FERRY, start, end)
    answer = verified(Draft(CARRIES.text, (broken,)), Draft(COSTS.text, (COSTS,)))
    assert [citation.quote for citation in answer.citations] == [COSTS.text]


def test_an_article_with_another_hash_is_never_shown():
    changed = dataclasses.replace(FERRY, text=FERRY.text.replace("300", "900"))
    answer = verified(quote_draft(quote(changed, "The ferry Mara carries 900 people.")))
    assert not answer.answered
    assert "900" not in answer.text


def test_a_draft_with_an_invalid_quote_is_replaced_by_the_valid_one():
    answer = verified(Draft("The ferry Mara carries 300 people.", (Quote(FERRY, -1, 3), CARRIES)))
    assert answer.text == "The ferry Mara carries 300 people [1]."
    assert len(answer.citations) == 1


def test_repeated_statements_are_dropped():
    answer = verified(
        quote_draft(CARRIES), Draft("the ferry MARA carries 300 people", (CARRIES,)), quote_draft(SAILS),
        Draft("A ferry carries 9 people.", (CARRIES,)),
    )  # fmt: skip
    assert answer.text == "The ferry Mara carries 300 people [1]. It may sail to Jeju in 2031! [2]"


# Repaired citations


def test_a_wrong_citation_is_repaired_from_another_source():
    draft = Draft("Tea from Boseong costs 9,000 won.", (CARRIES,), ((COSTS,),), (CARRIES,))
    answer = verified(draft)
    assert answer.text == "Tea from Boseong costs 9,000 won [1]."
    assert answer.citations[0].quote == COSTS.text
    assert answer.trace.drafts == {"said": 1, "repaired": 1, "replaced": 0, "dropped": 0}


@pytest.mark.parametrize(
    ("support", "shown"),
    [
        pytest.param(REPAIRED + 0.01, "Tea of Korea is dear [1].", id="likely enough"),
        pytest.param(REPAIRED - 0.01, "The ferry Mara carries 300 people [1].", id="a little less"),
    ],
)
def test_another_source_has_to_support_a_sentence_better_than_the_first(support, shown):
    said = "Tea of Korea is dear"
    korea = quote(make_article("People in Korea pay a lot for tea.", "dear.md"), "People in Korea pay a lot for tea.")

    def read(claim):
        return supported(support if claim.claim == said and claim.sentences == [korea.text] else 0.1)

    assert SAYING < REPAIRED
    assert verified(Draft(f"{said}.", (CARRIES,), ((korea,),)), reader=FakeReader(supports=read)).text == shown
    assert verified(Draft(f"{said}.", (korea,), ((CARRIES,),)), reader=FakeReader(supports=read)).text == (
        "Tea of Korea is dear [1]."
    )


def test_an_answer_has_its_doubt_and_a_refusal_none():
    for drafts, told in (([quote_draft(CARRIES)], "It is not certain."), ([], None)):
        builder = AnswerBuilder(CONTEXT, make_evidence(FERRY, CARRIES.text), FakeReader(), "It is not certain.")
        for draft in drafts:
            builder.add(draft)
        assert builder.build().doubt == told


# Citation numbers


def test_citations_are_numbered_in_the_order_of_the_text():
    answer = verified(
        Draft("Tea from Boseong costs 9,000 won.", (COSTS,)),
        Draft("The ferry Mara, built in 1998, carries 300 people.", (BUILT, CARRIES)),
        Draft("Tea costs 9,000 won, the ferry Mara carries 300 people.", (CARRIES, COSTS)),
    )
    assert [sentence.citations for sentence in answer.sentences] == [(1,), (2, 3), (1, 3)]
    assert [(citation.number, citation.article_id) for citation in answer.citations] == [
        (1, "tea.md"), (2, "old.md"), (3, "ferry.md"),
    ]  # fmt: skip
    assert answer.text.endswith("carries 300 people [1][3].")


def test_a_dropped_sentence_leaves_no_number():
    answer = verified(Draft("Nothing.", (Quote(TEA, 5, 5),)), Draft("", ()), quote_draft(CARRIES))
    assert [citation.number for citation in answer.citations] == [1]


def test_a_second_sentence_in_a_draft_is_not_kept():
    answer = verified(Draft("The ferry Mara carries 300 people. Wombats dig.", (CARRIES,)))
    assert answer.text == "The ferry Mara carries 300 people [1]."


def test_no_sentence_has_more_than_two_citations():
    draft = Draft("The ferry Mara carries 300 people, tea costs 9,000 won, 1998.", (CARRIES, COSTS, BUILT))
    assert all(len(sentence.citations) <= 2 for sentence in verified(draft).sentences)


@pytest.mark.parametrize(
    ("text", "citations", "shown"),
    [
        ("The Mara sails", (1,), "The Mara sails [1]."),
        ("The Mara sails", (1, 12), "The Mara sails [1][12]."),
        ("Does it sail?", (1,), "Does it sail? [1]"),
        ("It sails!", (2,), "It sails! [2]"),
        ("She said: “It sails.”", (1,), "She said: “It sails.” [1]"),
        ("She said: “It sails”", (1,), "She said: “It sails” [1]."),
        ("It sails …", (1,), "It sails … [1]"),
        ("It sails...", (1,), "It sails... [1]"),
        ("(It sails.)", (1,), "(It sails.) [1]"),
        ("… to Ferry Inc", (1,), "… to Ferry Inc [1]."),
        ("배가 간다。", (1,), "배가 간다。 [1]"),
    ],
)
def test_rendered(text, citations, shown):
    assert rendered(Sentence(text, "supported", 1.0, citations, ())) == shown


def test_the_text_of_an_answer_is_that_of_its_sentences():
    sentences = [Sentence("It sails", "supported", 1.0, (1,), ()), Sentence("Why?", "supported", 1.0, (2,), ())]
    assert whole_text(sentences) == "It sails [1]. Why? [2]"
    assert whole_text([]) == ""


# Refusals


def test_an_answer_without_valid_drafts_is_a_refusal():
    answer = verified(Draft("Nothing.", ()), Draft("Nothing.", (Quote(FERRY, 9, 9),)))
    assert (answer.answered, answer.refusal.reason) == (False, "near miss")
    assert answer.text == answer.refusal.message
    assert (answer.sentences, answer.citations) == ((), ())
    assert [citation.quote for citation in answer.refusal.nearest] == [CARRIES.text]


@pytest.mark.parametrize(
    ("reason", "detail", "message"),
    [
        ("nothing relevant", "", "The articles do not speak of this."),
        ("near miss", "They give no date for it.",
         "The articles come near this question but do not answer it. They give no date for it."),
        ("not understood", "", "The question could not be read."),
    ],
)  # fmt: skip
def test_a_refusal_has_a_reason_and_its_message(reason, detail, message):
    answer = refuse(CONTEXT, Decision(reason, detail), [])
    assert (answer.refusal.reason, answer.refusal.message, answer.text) == (reason, message, message)
    assert answer.refusal.nearest == ()
    assert faults(answer) == []


def test_a_refusal_has_the_three_nearest_valid_quotes():
    evidence = make_evidence(FERRY, CARRIES.text, SAILS.text, SMOKES.text, SAID.text)
    broken = dataclasses.replace(evidence[0], quote=Quote(FERRY, 5, 5))
    answer = refuse(CONTEXT, Decision("near miss"), [broken, *evidence])
    assert [(each.number, each.quote) for each in answer.refusal.nearest] == [
        (1, CARRIES.text), (2, SAILS.text), (3, SMOKES.text),
    ]  # fmt: skip
    assert answer.coverage.cited == 0
    assert faults(answer) == []


# The context of the query


def test_the_context_of_the_query_goes_into_the_answer():
    hits = (make_hit(FERRY, 1.23456), make_hit(FERRY, 0.5), make_hit(TEA, 0.25))
    context = dataclasses.replace(CONTEXT, hits=hits, filter=Filter(12, 3, 2, as_of="2024-05"))
    for answer in (
        verify_drafts(context, [quote_draft(CARRIES)], [], word_reader()),
        refuse(context, Decision("near miss"), []),
    ):
        assert answer.as_of == "2024-05"
        assert (answer.coverage.undated, answer.coverage.later) == (3, 2)
        assert answer.coverage.message.endswith("As of 2024-05: 2 later and 3 undated articles were left out.")
        assert (answer.id, answer.question, answer.language) == ("17", "How many people?", "en")
        assert dataclasses.replace(answer.trace, drafts={}) == CONTEXT.trace
        assert answer.retrieved[0] == Retrieved("ferry.md", 0, len(FERRY.text), 1.2346)
        assert (answer.coverage.articles, answer.coverage.retrieved) == (12, 2)


@pytest.mark.parametrize(
    ("quotes", "cited", "oldest", "newest"),
    [
        ([CARRIES, SAILS], 1, "2024-05-04", "2024-05-04"),
        ([CARRIES, BUILT, COSTS], 3, "1998-06", "2024-05-04"),
        ([COSTS, quote(TEA, "It is drunk in 40 countries.")], 1, None, None),
    ],
    ids=["one article", "three", "an undated one"],
)
def test_coverage_has_the_dates_of_the_cited_articles(quotes, cited, oldest, newest):
    coverage = verified(*map(quote_draft, quotes)).coverage
    assert (coverage.cited, coverage.sources) == (cited, cited)
    assert (coverage.oldest, coverage.newest) == (oldest, newest)


# Any drafts


def is_plain(text):
    """Whether the text is one sentence with content; the tests above cover other drafts."""
    return len(split_sentences(text)) == 1 and any(word.content for word in parse(text).words)


WORDS = st.sampled_from(
    "The ferry Mara Orion carries 300 people not may will Tea costs 9,000 won [1] [9] . “ ” … 🙂 서울의 2031 "
    "1998 Park Ada smoke? Yes. at least \n".split(" ")
)
DRAFTS = st.builds(
    Draft,
    st.lists(WORDS, max_size=12).map(" ".join).filter(is_plain),
    st.lists(st.sampled_from([*QUOTES, Quote(FERRY, -1, 4), Quote(FERRY, 4, 4)]), max_size=2, unique=True).map(tuple),
)


@given(st.lists(DRAFTS, max_size=5))
def test_any_drafts_give_an_answer_that_verifies(drafts):
    answer = verified(*drafts)
    assert faults(answer) == []
    assert answer.answered == bool(answer.sentences) == (answer.refusal is None)
    assert [citation.number for citation in answer.citations] == list(range(1, len(answer.citations) + 1))
    used = {number for sentence in answer.sentences for number in sentence.citations}
    assert used == {citation.number for citation in answer.citations}
    for sentence in answer.sentences:
        assert sentence.verdict == "supported"
        assert 1 <= len(sentence.citations) <= 2
        assert SAYING <= sentence.support <= 1
        assert all(check.passed for check in sentence.checks)


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_only_assembly_constructs_an_answer(path):
    calls = [node.func for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    constructs = any(getattr(call, "id", getattr(call, "attr", "")) == "Answer" for call in calls)
    assert constructs == (path.relative_to(SOURCE).as_posix() == "answering/assembly.py")


# Coverage


WIRE = "Tea from Boseong costs 9,000 won."


def cited(article_id, published=None, quote=""):
    """A citation of an article; without ``quote``, of a text that no other article has."""
    return Citation(1, article_id, "", None, published, None, quote or f"Said in {article_id}.", 0, 1, "f" * 64)


def covered(*citations, undated=0, **filters):
    return cover(citations, Filter(3, undated, **filters), retrieved=2)


def test_every_count():
    citations = [cited("a", "2023-01", WIRE), cited("b", "2024-05-01", WIRE), cited("b", "2024-05-01")]
    assert covered(*citations, as_of="2024-05", undated=4, later=1) == Coverage(
        articles=3,
        retrieved=2,
        cited=2,
        oldest="2023-01",
        newest="2024-05-01",
        undated=4,
        later=1,
        sources=2,
        message="Rests on 2 of 3 articles. They are dated 2023-01 to 2024-05-01. "
        "As of 2024-05: 1 later and 4 undated articles were left out.",
    )


@pytest.mark.parametrize(
    ("quotes", "sources"),
    [
        pytest.param({}, 0, id="nothing"),
        pytest.param({"a": [WIRE]}, 1, id="one article"),
        pytest.param({"a": [WIRE], "b": [WIRE]}, 1, id="the same words"),
        pytest.param(
            {"a": [WIRE], "b": ["TEA from Boseong\n costs  9,000 won."]}, 1, id="but for case and white space"
        ),
        pytest.param({"a": ["STRASSE"], "b": ["straße"]}, 1, id="case is folded and not lowered"),
        pytest.param({"a": [WIRE], "b": ["Tea from Boseong costs 9,000 won"]}, 2, id="a full stop less"),
        pytest.param({"a": [WIRE, "It is green."], "b": ["It is green.", WIRE]}, 1, id="the same quotes in any order"),
        pytest.param({"a": [WIRE, WIRE], "b": [WIRE]}, 1, id="a quote twice"),
        pytest.param({"a": [WIRE, "It is green."], "b": [WIRE]}, 2, id="one says more"),
        pytest.param({"a": [WIRE], "b": [WIRE], "c": ["It is green."]}, 2, id="two of three"),
    ],
)
def test_articles_with_the_same_quotes_are_one_source(quotes, sources):
    citations = [cited(name, quote=quote) for name, said in quotes.items() for quote in said]
    assert count_sources(citations) == sources


@pytest.mark.parametrize(
    ("citations", "message"),
    [
        pytest.param([], "Rests on none of 3 articles.", id="nothing"),
        pytest.param([cited("a", "2024")], "Rests on a single article. It is dated 2024.", id="one"),
        pytest.param([cited("a")], "Rests on a single article. It is undated.", id="one undated"),
        pytest.param(
            [cited("a", "2024"), cited("b", "2024")],
            "Rests on 2 of 3 articles. They are dated 2024.", id="of one date",
        ),
        pytest.param([cited("a"), cited("b")], "Rests on 2 of 3 articles. They are undated.", id="undated"),
        pytest.param(
            [cited("a", "2024"), cited("b", "1998-06"), cited("c")],
            "Rests on 3 of 3 articles. They are dated 1998-06 to 2024, but 1 is undated.", id="one of three undated",
        ),
        pytest.param(
            [cited("a", "2024"), cited("b"), cited("c")],
            "Rests on 3 of 3 articles. They are dated 2024, but 2 are undated.", id="two of three undated",
        ),
        pytest.param(
            [cited("a", "2024", WIRE), cited("b", "2024", WIRE)],
            "Rests on 2 of 3 articles, which do not differ in what is quoted. They are dated 2024.", id="one source",
        ),
        pytest.param(
            [cited("a", "2024", WIRE), cited("b", "2024", WIRE), cited("c", "2024")],
            "Rests on 3 of 3 articles, of which 2 differ in what is quoted. They are dated 2024.", id="two sources",
        ),
    ],
)  # fmt: skip
def test_the_message_names_articles_and_dates(citations, message):
    assert covered(*citations).message == message


@pytest.mark.parametrize(
    ("later", "undated", "left_out"),
    [
        (2, 3, "2 later and 3 undated articles were left out"),
        (1, 1, "1 later and 1 undated articles were left out"),
        (1, 0, "1 later article was left out"),
        (0, 1, "1 undated article was left out"),
        (1_200, 0, "1,200 later articles were left out"),
        (0, 0, "no article was left out"),
    ],
)
def test_the_message_counts_what_was_left_out(later, undated, left_out):
    told = covered(cited("a", "2024"), as_of="2024", later=later, undated=undated).message
    assert told == f"Rests on a single article. It is dated 2024. As of 2024: {left_out}."


@pytest.mark.parametrize("articles", [0, 1])
def test_the_message_without_citations(articles):
    coverage = cover([], Filter(articles, 0), retrieved=0)
    assert coverage.message == "Rests on no article."


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        pytest.param({"since": "2024", "earlier": 1}, "Since 2024: 1 earlier article was left out.", id="since a date"),
        pytest.param(
            {"since": "2024", "as_of": "2025-03", "earlier": 2, "later": 1, "undated": 3},
            "Since 2024 and by 2025-03: 2 earlier, 1 later and 3 undated articles were left out.",
            id="between two dates",
        ),
        pytest.param({"since": "2024"}, "Since 2024: no article was left out.", id="nothing is left out"),
        pytest.param({"within": ("a",)}, "Asked of 1 chosen article only.", id="one chosen"),
        pytest.param({"within": ("a", "b")}, "Asked of 2 chosen articles only.", id="two chosen"),
    ],
)
def test_the_message_names_the_limits_of_the_search(filters, said):
    assert covered(cited("a", "2024-05-01"), **filters).message.endswith(f" {said}")


@pytest.mark.parametrize(("number", "told"), [(0, "0 files"), (1, "1 file"), (2, "2 files"), (12_345, "12,345 files")])
def test_counted(number, told):
    assert counted(number, "file") == told
