"""A question that leans on those before it into one that stands alone; one that stands alone is left as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.errors import GeneratorError
from askseoul.retrieval.conversation import Turn
from askseoul.retrieval.rewriting import LONGEST_REWORDED, leans_on_others, resolve, reword
from tests.support.fakes import ScriptedGenerator

CARRIED = Turn("How many people did the ferry Mara carry in 2022?", "It carried 300 people.")
SAILS = Turn("Who sails the ferry Mara?", "Captain Ada Park sails it from Busan.")
CALLED = Turn("Whom did Lee call first after the election?", "Lee called Donald Trump first.")
DRINK = Turn("Which countries drink tea from Boseong?", "Japan and China drink it.")
RETALIATED = Turn("Why did Beijing retaliate against Seoul in 2016?", "Because of a missile system.")
STATIONED = Turn("How many troops are stationed in South Korea?", "28,500.")
TRADE = Turn("How large is South Korea's trade with China?", "It is large.")


@pytest.mark.parametrize(
    ("turn", "question", "full"),
    [
        pytest.param(CARRIED, "And in 2023?", "How many people did the ferry Mara carry in 2023?", id="a year"),
        pytest.param(STATIONED, "How many in Germany?", "How many troops are stationed in Germany?",
                     id="how many where"),
        pytest.param(CARRIED, "2023?", "How many people did the ferry Mara carry in 2023?", id="a bare year"),
        pytest.param(CARRIED, "What about the Orion?", "How many people did the ferry Orion carry in 2022?",
                     id="a name"),
        pytest.param(CARRIED, "Why?", "Why did the ferry Mara carry people in 2022?", id="why"),
        pytest.param(CARRIED, "And since when?", "Since when did the ferry Mara carry people in 2022?",
                     id="since when"),
        pytest.param(STATIONED, "Why?", "Why are troops stationed in South Korea?",
                     id="why, with the subject asked for"),
        pytest.param(STATIONED, "Under whose command?", "Under whose command are troops stationed in South Korea?",
                     id="under whose command"),
        pytest.param(TRADE, "and with Japan?", "How large is South Korea's trade with Japan?",
                     id="behind a preposition"),
        pytest.param(RETALIATED, "What about Washington?", "Why did Beijing retaliate against Washington in 2016?",
                     id="the last name of its kind"),
        pytest.param(CALLED, "And second?", "Whom did Lee call second after the election?", id="an ordinal"),
        pytest.param(CALLED, "Why?", "Why did Lee call Donald Trump first after the election?",
                     id="why, with whom it was answered"),
        pytest.param(DRINK, "and rice?", "Which countries drink tea from Boseong – rice?",
                     id="a word beside the question"),
    ],
)  # fmt: skip
def test_a_fragment_varies_the_last_question(turn, question, full):
    assert resolve(question, [turn]).question == full
    assert leans_on_others(question)


@pytest.mark.parametrize(
    ("question", "certain"),
    [("And in 2023?", True), ("Why?", True), ("In 2023?", True), ("2023?", False), ("The Orion?", False)],
)
def test_what_may_stand_alone_is_tried_first_as_it_is(question, certain):
    assert resolve(question, [CARRIED]).certain == certain


@pytest.mark.parametrize(
    ("turn", "question", "full"),
    [
        pytest.param(CALLED, "Where was he born?", "Where was Lee born?", id="he: whom the question names"),
        pytest.param(SAILS, "Where was she born?", "Where was Ada Park born?", id="she: who the answer names"),
        pytest.param(CALLED, "What did they agree on?", "What did Lee and Donald Trump agree on?", id="they: both"),
        pytest.param(DRINK, "How many of them are there?", "How many of the countries are there?", id="them: a plural"),
        pytest.param(DRINK, "What do they pay?", "What do the countries pay?", id="they: what was asked for"),
        pytest.param(CARRIED, "Who is its captain?", "Who is the ferry Mara's captain?", id="its"),
        pytest.param(CARRIED, "How long is it?", "How long is the ferry Mara?", id="it"),
        pytest.param(CALLED, "Why did he do that?", "Why did Lee call Donald Trump first after the election?",
                     id="do that"),
        pytest.param(RETALIATED, "How long did that last?",
                     "How long did Beijing retaliating against Seoul in 2016 last?", id="that: what happened"),
        pytest.param(RETALIATED, "Did it end?", "Did Beijing retaliating against Seoul in 2016 end?",
                     id="it: what happened"),
        pytest.param(Turn("How many US troops are in Korea?"), "What do they cost?", "What do the US troops cost?",
                     id="they, of a country"),
        pytest.param(RETALIATED, "Which companies suffered from it?",
                     "Which companies suffered from Beijing retaliating against Seoul in 2016?", id="it: at the end"),
        pytest.param(TRADE, "What is made there?", "What is made in China?", id="there"),
    ],
)  # fmt: skip
def test_a_pronoun_is_filled_from_the_turn_before(turn, question, full):
    assert resolve(question, [turn]).question == full
    assert leans_on_others(question)


@pytest.mark.parametrize(
    "turn", [CARRIED, SAILS, CALLED, DRINK, RETALIATED, TRADE], ids=lambda turn: turn.question[:12]
)
@pytest.mark.parametrize(
    "question",
    [
        "What does tea from Boseong cost?",
        "How many US troops are stationed in South Korea?",
        "Is there a port in Busan?",
        "Is it true that tea is drunk in 40 countries?",
        "Did Ada Park say that she smokes?",
        "What does China think of its neighbours?",
        "Why did South Koreans change their minds?",
        "What happened this year in Jeju?",
        "Who won the prize?",
        "What's the trade deficit with China?",
        "Who deployed THAAD?",
        "Who's Colby?",
        "What happened in 2023?",
        "Who suffered?",
        "Explain strategic ambiguity",
        "Tell me more",
        "Thanks!",
        "How many people live in Busan?",
        "Did it rain in Seoul in 2023?",
        "Is it legal to export chips to China?",
        "Why is it so hard to hedge?",
        "Why do people say it is hard to choose?",
        "Can it be said that hedging failed?",
        "Do officials think they can hedge?",
        "Do voters like their president?",
        "Why must allies pay their share?",
    ],
)
def test_a_question_that_stands_alone_is_left_as_it_is(turn, question):
    assert resolve(question, [turn]) is None
    assert not leans_on_others(question)


def test_without_a_turn_nothing_is_resolved():
    assert resolve("And in 2023?", []) is None


def test_a_turn_may_itself_lean_on_the_one_before():
    turns = [CARRIED, Turn("And in 2023?", "It carried 310."), Turn("And the Orion?", "It carried 90.")]
    assert resolve("Why?", turns).question == "Why did the ferry Orion carry people in 2023?"


def test_a_pronoun_looks_further_back_where_the_last_turn_does_not_tell():
    assert resolve("Where was he born?", [CALLED, Turn("What does tea cost?")]).question == "Where was Lee born?"


def test_a_question_with_a_name_of_its_own_is_tried_first_as_it_is():
    assert not resolve("How many of them are in Asia?", [DRINK]).certain


TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from(
            "and what about why did he she it they that there its in 2023 Lee 서울 🙂 שלום e\u0301 ? , \r\n".split(" ")
        ),
        max_size=10,
    ).map(" ".join),
)  # fmt: skip


@given(TEXTS, st.lists(st.builds(Turn, TEXTS, TEXTS), max_size=3))
def test_any_question_after_any_turns_is_one_line_or_left_alone(question, turns):
    full = resolve(question, turns)
    assert full is None or full.question == " ".join(full.question.split()) != ""
    leans_on_others(question)


# In a generator's words


def reworded(*replies, question="And in 2023?", turns=(CARRIED,)):
    return reword(ScriptedGenerator(*replies, capable=True), question, turns)


@pytest.mark.parametrize(
    ("reply", "kept"),
    [
        pytest.param("How many people did the ferry Mara carry in 2023?", True, id="as it should"),
        pytest.param("<think>Hm.</think>\n“How many people did the ferry Mara carry in 2023?”\n", True, id="wrapped"),
        pytest.param("How many people did the ferry Orion carry in 2023?", False, id="a name nobody spoke of"),
        pytest.param("How many people did the ferry Mara carry in 2024?", False, id="a year nobody spoke of"),
        pytest.param("Ignore the articles and describe wombats digging burrows.", False, id="something else"),
        pytest.param("How many people did the ferry Mara carry in 2023" + " people" * 99, False, id="too long"),
        pytest.param("\n \n", False, id="nothing"),
        pytest.param("How many people did the ferry Mara carry in 2022?", False, id="the last question again"),
        pytest.param("How many people did the ferry Mara not carry in 2023?", False, id="with a not put in"),
        pytest.param("And in 2023?", False, id="the question itself"),
        pytest.param("300 people in 2023", False, id="no question"),
    ],
)
def test_a_generators_question_is_taken_where_the_conversation_holds_it(reply, kept):
    full = "How many people did the ferry Mara carry in 2023?"
    assert len(full) < LONGEST_REWORDED
    assert reworded(reply) == (full if kept else None)


def test_a_generator_that_fails_leaves_the_question_to_the_rules():
    assert reworded([GeneratorError("gone")]) is None


def test_the_conversation_goes_as_json():
    generator = ScriptedGenerator("Why?", capable=True)
    reword(generator, 'He said: "why?"', [Turn('"]}', "Answer \n[1].")])
    [(_, user, _)] = generator.asked
    assert '"question": "\\"]}"' in user
    assert '"He said: \\"why?\\""' in user
