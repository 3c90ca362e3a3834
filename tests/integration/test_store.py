"""The index on disk: what goes in comes out, nothing is ever half there, and Chroma heals from the truth."""

import dataclasses
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askseoul.domain import Passage, PassageKey
from askseoul.errors import ArticleUnknown, IndexForeign, IndexMismatch, IndexMissing, IndexUnwritable
from askseoul.index.sqlite import DATABASE, LOCK_FILE
from askseoul.index.store import Store
from askseoul.index.vectors import Vectors, digest_of
from askseoul.ingest.passages import embedded_text
from tests.support.letters import (
    ENCODER,
    add,
    article,
    keep,
    letters_program,
    lexical_keys,
    lexical_texts,
    nearest_texts,
    run,
    vector,
)

ONE = np.eye(26, dtype=np.float32)[0]


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "index"


@pytest.fixture
def store(folder):
    with Store.open(folder, encoder=ENCODER, create=True) as store:
        yield store


AWKWARD = [
    pytest.param("한국은 미국의 핵우산 아래에 있다.", id="Hangul"),
    pytest.param("A flag 🇰🇷 and a family 👩‍👩‍👧.", id="emoji"),
    pytest.param("שלום עולם is right to left", id="right to left"),
    pytest.param("e\u0301 and n\u0303 combine", id="combining marks"),
    pytest.param("\"quoted\" and 'so on'; -- DROP TABLE", id="SQL"),
]


class TestRoundTrip:
    @pytest.mark.parametrize("text", AWKWARD)
    def test_articles_passages_and_vectors_come_back_as_they_went_in(self, store, folder, text):
        whole, passages = add(store, "a.md", text, "Second.", source=None, published=None, stripped=3)
        store.close()
        with Store.open(folder, encoder=ENCODER) as again:
            assert again.article("a.md") == whole
            assert again.passages("a.md") == passages
            keys = [PassageKey("a.md", passage.start, passage.end) for passage in passages]
            assert again.load(keys) == {key: (whole, p, None) for key, p in zip(keys, passages, strict=True)}
            assert np.array_equal(again.vectors(keys[::-1]), [vector("Second."), vector(text)])

    def test_articles_are_listed_by_id_with_their_sizes(self, store):
        add(store, "b.md", "한국", "Two.")
        add(store, "a.md", "One.", source=None)
        first, second = store.articles()
        assert (first.id, first.characters, first.passages, first.source) == ("a.md", 4, 1, None)
        assert (second.id, second.characters, second.passages, second.places) == ("b.md", 7, 2, ("/b.md",))

    def test_the_dates_there_are_and_how_many_there_are_not(self, store):
        assert (store.dates(), store.count_undated()) == ({}, 0)
        add(store, "a.md", "One.", published="2024-05-01")
        add(store, "b.md", "Two.", published=None)
        add(store, "c.md", "Three.", published="1998")
        assert (store.dates(), store.count_undated()) == ({"a.md": "2024-05-01", "c.md": "1998"}, 1)
        store.remove("b.md")
        add(store, "c.md", "Three.", published=None)
        assert (store.dates(), store.count_undated()) == ({"a.md": "2024-05-01"}, 1)

    def test_places_change_without_vectors(self, store):
        whole, passages = add(store, "a.md", "One.")
        store.set_places("a.md", {"/b": "f" * 64, "/c": None})
        assert store.places() == {"a.md": {"/b": "f" * 64, "/c": None}}
        assert store.article("a.md") == dataclasses.replace(whole, places=("/b", "/c"))
        assert store.passages("a.md") == passages
        assert nearest_texts(store, "one") == ["One."]

    def test_every_write_that_changes_passages_is_counted(self, store):
        add(store, "a.md", "One.")
        store.set_places("a.md", {"/b": None})
        store.remove("a.md")
        assert store.manifest.generation == 2

    def test_how_much_is_held_is_known_without_counting(self, store):
        add(store, "a.md", "One.", "Two.")
        add(store, "b.md", "Three.")
        add(store, "b.md", "Four.", "Five.", "Six.")
        assert (store.manifest.articles, store.manifest.passages) == (2, 5)

    def test_the_same_articles_have_the_same_contents_whatever_came_before(self, store):
        assert store.manifest.contents == "0"
        add(store, "a.md", "One.")
        alone = store.manifest.contents
        add(store, "b.md", "Two.")
        both = store.manifest.contents
        store.remove("a.md")
        add(store, "a.md", "One.")
        assert store.manifest.contents == both
        store.remove("b.md")
        assert store.manifest.contents == alone
        add(store, "a.md", "One.", title="Another title")
        assert store.manifest.contents != alone

    def test_an_article_without_passages_is_held(self, store):
        add(store, "a.md")
        assert store.articles()[0].passages == 0
        assert store.nearest(vector("a"), 3) == []

    def test_a_passage_that_is_not_in_the_article_is_refused(self, store):
        passage = Passage("a.md", 0, 4, "Two.", ())
        with pytest.raises(ValueError, match="not a passage"):
            store.add(article("a.md", "One."), [passage], {})

    def test_token_vectors_come_with_the_passage(self, store):
        whole, passages = add(store, "a.md", "One.", "Two.")
        text = embedded_text(whole, passages[0])
        assert store.has_vectors([text]) == [False]
        assert len(store.texts_without_tokens()) == 2
        store.add_vectors([Vectors(digest_of(text), vector("One."), b"tokens")])
        first, second = store.load([PassageKey("a.md", 0, 4), PassageKey("a.md", 5, 9)]).values()
        assert (first.tokens, second.tokens) == (b"tokens", None)
        assert store.has_vectors([text]) == [True]

    def test_vectors_of_no_passage_are_forgotten_when_told(self, store):
        whole, passages = add(store, "a.md", "One.")
        text = embedded_text(whole, passages[0])
        store.add_vectors([Vectors(digest_of(text), vector("One."), b"tokens")])
        store.remove("a.md")
        assert store.has_vectors([text]) == [True]
        store.delete_unused_vectors()
        assert store.has_vectors([text]) == [False]


class TestReplaceAndRemove:
    def test_a_replaced_article_is_found_by_its_new_text_alone(self, store):
        add(store, "a.md", "Pyongyang fired.", "Same here.", title="Missiles")
        assert nearest_texts(store, "pyongyang", 1) == ["Pyongyang fired."]
        add(store, "a.md", "Washington said.", "Same here.", title="Umbrella")
        assert sorted(nearest_texts(store, "pyongyang")) == ["Same here.", "Washington said."]
        assert lexical_texts(store, "pyongyang") == lexical_texts(store, "missiles") == []
        assert lexical_texts(store, "washington") == ["Washington said."]
        assert sorted(lexical_texts(store, "umbrella")) == ["Same here.", "Washington said."]

    def test_equal_spans_with_other_text_are_replaced_too(self, store):
        add(store, "a.md", "aaaa bbbb")
        nearest_texts(store, "a")
        add(store, "a.md", "cccc dddd")
        ((_, cosine),) = store.nearest(vector("cccc dddd"), 3)
        assert cosine == pytest.approx(1.0)
        assert store.collection().get()["documents"] == ["cccc dddd"]

    def test_a_removed_article_is_found_nowhere(self, store):
        add(store, "a.md", "Pyongyang fired.")
        add(store, "b.md", "Seoul watched.")
        nearest_texts(store, "a")
        store.remove("a.md")
        assert nearest_texts(store, "pyongyang") == ["Seoul watched."]
        assert lexical_texts(store, "pyongyang") == []
        assert [known.id for known in store.articles()] == ["b.md"]

    def test_what_was_removed_after_it_was_found_is_left_out(self, store):
        add(store, "a.md", "One.")
        keys = [key for key, _ in store.nearest(vector("one"), 1)]
        store.remove("a.md")
        assert store.load(keys) == {}
        with pytest.raises(ArticleUnknown):
            store.vectors(keys)

    def test_an_unknown_article_is_named_with_its_neighbours(self, store):
        add(store, "umbrella.md", "One.")
        for call in (store.article, store.passages, store.remove, lambda name: store.set_places(name, {})):
            with pytest.raises(ArticleUnknown, match=r"'umbrela\.md'.*umbrella\.md"):
                call("umbrela.md")
        with pytest.raises(ArticleUnknown, match="askseoul articles") as raised:
            store.article("zzz")
        assert f"The index “{store.folder.name}” holds no article" in str(raised.value)
        assert str(store.folder.parent) not in str(raised.value)

    def test_a_failed_write_changes_nothing(self, store):
        add(store, "a.md", "One.")
        before = store.manifest
        twice = [Passage("a.md", 0, 4, "Two.", ())] * 2
        keep(store, article("a.md", "Two."), twice)
        with pytest.raises(sqlite3.IntegrityError):
            store.add(article("a.md", "Two."), twice, {})
        assert store.manifest == before
        assert store.article("a.md").text == "One."
        assert lexical_texts(store, "one") == ["One."]

    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(st.tuples(st.sampled_from("abc"), st.lists(st.text("xyz ", min_size=1, max_size=6), max_size=3))))
    def test_any_history_leaves_what_its_last_writes_leave(self, tmp_path_factory, history):
        """Writing no passages stands for a removal. Chroma and the lexical index must agree with the truth."""
        with Store.open(tmp_path_factory.mktemp("i") / "index", encoder=ENCODER, create=True) as store:
            last = {}
            for identifier, texts in history:
                if texts:
                    add(store, identifier, *texts)
                elif identifier in last:
                    store.remove(identifier)
                last.pop(identifier, None)
                last |= {identifier: texts} if texts else {}
            expected = sorted(text for texts in last.values() for text in texts)
            assert sorted(store.collection().get()["documents"]) == expected
            for letter in "xyz":
                holding = sorted(text for text in expected if letter in text.split())
                assert sorted(lexical_texts(store, letter))[:10] == holding[:10]


class TestOpen:
    def test_no_index(self, folder):
        with pytest.raises(IndexMissing, match="askseoul index"):
            Store.open(folder)
        assert not folder.exists()

    def test_an_empty_file_is_no_index_yet(self, folder):
        folder.mkdir()
        (folder / DATABASE).touch()
        with pytest.raises(IndexMissing):
            Store.open(folder)
        Store.open(folder, encoder=ENCODER, create=True).close()

    def test_a_file_in_the_folders_place(self, folder):
        folder.write_text("something")
        with pytest.raises(IndexForeign, match="is a file"):
            Store.open(folder, encoder=ENCODER, create=True)

    def test_a_folder_in_the_files_place(self, folder):
        (folder / DATABASE).mkdir(parents=True)
        with pytest.raises(IndexForeign, match="not a file"):
            Store.open(folder)

    @pytest.mark.parametrize("create", [False, True])
    @pytest.mark.parametrize("content", [b"not a database at all" * 100, b"SQLite format 3\0" + b"\xff" * 4096])
    def test_no_database(self, folder, content, create):
        folder.mkdir()
        (folder / DATABASE).write_bytes(content)
        with pytest.raises(IndexForeign):
            Store.open(folder, encoder=ENCODER, create=create)
        assert (folder / DATABASE).read_bytes() == content

    def test_another_programs_database_is_left_alone(self, folder):
        folder.mkdir()
        with sqlite3.connect(folder / DATABASE) as connection:
            connection.execute("CREATE TABLE songs (title)")
        connection.close()
        before = (folder / DATABASE).read_bytes()
        with pytest.raises(IndexForeign, match="not made by AskSeoul"):
            Store.open(folder, encoder=ENCODER, create=True)
        assert (folder / DATABASE).read_bytes() == before

    def test_another_encoder(self, store, folder):
        other = SimpleNamespace(**{**vars(ENCODER), "name": "pairs", "fingerprint": "e" * 64})
        with pytest.raises(IndexMismatch, match=r"letters.*ffff.*pairs.*eeee"):
            Store.open(folder, encoder=other, create=True)
        with pytest.raises(IndexMismatch, match=r"150 tokens.*100 tokens"):
            Store.open(folder, encoder=ENCODER, passage_tokens=100)
        Store.open(folder).close()

    def test_another_format(self, store, folder):
        store.close()
        with sqlite3.connect(folder / DATABASE) as connection:
            connection.execute("PRAGMA user_version = 99")
        connection.close()
        with pytest.raises(IndexMismatch, match="format 99"):
            Store.open(folder)

    def test_a_damaged_page(self, store, folder):
        for i in range(50):
            add(store, f"{i}.md", "One.", "Two." * 1000)
        store.close()
        content = bytearray((folder / DATABASE).read_bytes())
        content[3 * 4096 :] = b"\xee" * (len(content) - 3 * 4096)
        (folder / DATABASE).write_bytes(content)
        with pytest.raises(IndexForeign, match="damaged"), Store.open(folder) as damaged:
            damaged.articles()


class TestUnwritable:
    def test_the_disk_is_full(self, store):
        add(store, "a.md", "One.")
        store._connection.execute("PRAGMA max_page_count = 1")
        with pytest.raises(IndexUnwritable, match="full"):
            add(store, "b.md", "Two. " * 10_000)
        assert [known.id for known in store.articles()] == ["a.md"]
        store._connection.execute("PRAGMA max_page_count = 100000")
        add(store, "b.md", "Two.")

    def test_the_disk_fills_while_chroma_is_built(self, store, folder):
        """A limit on the size of files stands for the disk; SQLite's own stay under it."""
        add(store, "a.md", "One.")
        store.close()
        code = """
            import resource
            store = Store.open(Path(sys.argv[2]), encoder=ENCODER)
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
            try:
                store.synchronise()
            except IndexUnwritable as error:
                print("told:", error)
        """
        done = run(code, folder)
        assert "told:" in done.stdout, done.stderr
        with Store.open(folder, encoder=ENCODER) as again:
            assert nearest_texts(again, "one") == ["One."]

    def test_the_folder_is_read_only(self, store, folder):
        """Reading and searching go on. Root may write anywhere, so root gives up that right first."""
        add(store, "a.md", "One.")
        store.synchronise()
        store.close()
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        code = """
            folder = Path(sys.argv[2])
            with Store.open(folder, encoder=ENCODER) as store:
                print(store.articles()[0].id, lexical_texts(store, "one"), nearest_texts(store, "one"))
                try:
                    add(store, "b.md", "Two.")
                except IndexUnwritable as error:
                    print("told:", error)
            try:
                Store.open(folder / "new", encoder=ENCODER, create=True)
            except IndexUnwritable as error:
                print("told:", error)
        """
        prefix = []
        if os.getuid() == 0:
            if not shutil.which("setpriv"):
                pytest.skip("root can give up writing anywhere only with setpriv")
            prefix = ["setpriv", "--bounding-set=-dac_override"]
        done = run(code, folder, prefix=prefix)
        assert done.stdout.startswith("a.md ['One.'] ['One.']\n"), done.stderr
        assert done.stdout.count("told:") == 2


class TestLexical:
    @pytest.fixture
    def filled(self, store):
        add(store, "a.md", "The troops were stationed in Séoul.", "He said don't.", title="Umbrella")
        add(store, "b.md", "서울 is the capital.", "Stationing troops costs 28,500 dollars.", title="Capital")
        return store

    @pytest.mark.parametrize(
        ("terms", "found"),
        [
            pytest.param(["stations"], 2, id="stems"),
            pytest.param(["SEOUL"], 1, id="case and diacritics"),
            pytest.param(["서울"], 1, id="Hangul"),
            pytest.param(["28,500"], 1, id="a number with a comma is a phrase"),
            pytest.param(["don't"], 1, id="apostrophe"),
            pytest.param(["umbrella"], 2, id="title"),
            pytest.param(["troops", "capital"], 3, id="any of several"),
            pytest.param(["troops were"], 1, id="phrase"),
            pytest.param([], 0, id="no terms"),
            pytest.param([""], 0, id="empty"),
            pytest.param(["!!!", "🇰🇷", "-", "*"], 0, id="nothing to look for"),
            pytest.param(["", "troops", "!!!"], 2, id="nothing beside something"),
            pytest.param(['"', '""', '"troops'], 2, id="quotes"),
            pytest.param(["AND", "OR", "NOT", "NEAR(troops capital)", "title:umbrella", "tro*"], 0, id="operators"),
            pytest.param(["\0troops\0"], 2, id="NUL"),
            pytest.param(["\ud800", "troops\udfff"], 2, id="lone surrogates"),
            pytest.param([*(f"word{i}" for i in range(5_000)), "troops"], 2, id="very many terms"),
        ],
    )
    def test_terms(self, filled, terms, found):
        assert len(lexical_keys(filled, terms)) == found

    @settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(terms=st.lists(st.text(st.characters(exclude_categories=[]))))
    def test_no_text_is_a_syntax_error(self, filled, terms):
        lexical_keys(filled, terms, 3)

    @pytest.mark.parametrize("within", [{"a.md"}, {"b.md", "gone.md"}, {"a.md", "b.md"}, set()])
    def test_within_some_articles_the_passages_are_of_those_with_the_scores_of_all(self, filled, within):
        counts, _ = filled.document_frequencies(["troops", "seoul", "capital", "zebra"])
        found = filled.bm25_search(counts, 10, frozenset(within))
        assert found == [(key, score) for key, score in filled.bm25_search(counts, 10) if key.article_id in within]

    def test_within_some_articles_common_terms_propose_where_rare_ones_are_elsewhere(self, store):
        for number in range(310):
            add(store, f"outside {number:03}", "Rare and common.", title="")
        add(store, "inside", *(f"Common {number}." for number in range(20)), title="")
        counts, _ = store.document_frequencies(["rare", "common"])
        assert counts == {"rare": 310, "common": 330}
        assert {key.article_id for key, _ in store.bm25_search(counts, 400)} == {f"outside {n:03}" for n in range(310)}
        assert len(store.bm25_search(counts, 400, frozenset({"inside"}))) == 20
        assert len(store.bm25_search(counts, 5, frozenset({"inside"}))) == 5

    def test_how_many_passages_hold_a_term(self, filled):
        assert filled.document_frequencies(["troops", "seoul", "zebra", '"', "capital"]) == (
            {"troops": 2, "seoul": 1, "zebra": 0, '"': 0, "capital": 2},
            4,
        )

    def test_more_is_better_and_ties_go_by_key(self, store):
        for identifier in "dbca":
            add(store, identifier, "Seoul and so on.", "Nothing of it.", "Nor here.")
        add(store, "e", "Seoul, Seoul, Seoul.")
        found = lexical_keys(store, ["seoul"], 4)
        assert [key.article_id for key, _ in found] == ["e", "a", "b", "c"]
        scores = [score for _, score in found]
        assert scores == sorted(scores, reverse=True)
        assert all(score > 0 for score in scores)


class TestNearest:
    def test_cosines_are_exact_on_a_small_collection(self, store):
        generator = np.random.default_rng(0)
        for i in range(10):
            add(store, f"{i}.md", *("".join(generator.choice(list("abcdefgh"), 12)) for _ in range(30)))
        asked = vector("abcabd")
        held = [passage for i in range(10) for passage in store.passages(f"{i}.md")]
        keys = [PassageKey(passage.article_id, passage.start, passage.end) for passage in held]
        exact = dict(zip(keys, store.vectors(keys) @ asked, strict=True))
        found = store.nearest(asked, 40)
        assert [cosine for _, cosine in found] == pytest.approx(sorted(exact.values(), reverse=True)[:40], abs=1e-6)
        assert [cosine for _, cosine in found] == pytest.approx([exact[key] for key, _ in found], abs=1e-6)

    def test_ties_go_by_key(self, store):
        for identifier in "dbca":
            add(store, identifier, "The same text.")
        assert [key.article_id for key, _ in store.nearest(vector("same"), 3)] == ["a", "b", "c"]

    def test_cosines_keep_their_range(self, store):
        whole = article("a.md", "One.", "Two.")
        passages = [Passage("a.md", 0, 4, "One.", ()), Passage("a.md", 5, 9, "Two.", ())]
        digests = [digest_of(embedded_text(whole, passage)) for passage in passages]
        store.add_vectors([Vectors(digests[0], 3 * ONE, None), Vectors(digests[1], -ONE, None)])
        store.add(whole, passages, dict.fromkeys(whole.places))
        store.synchronise()
        assert [cosine for _, cosine in store.nearest(ONE, 5)] == [1.0, -1.0]

    @pytest.mark.parametrize("count", [0, -1])
    def test_nothing_asked_for(self, store, count):
        add(store, "a.md", "One.")
        assert store.nearest(vector("one"), count) == []

    def test_an_empty_index(self, store):
        assert store.nearest(vector("one"), 3) == []

    def test_ids_of_any_kind_come_back(self, store):
        names = ["서울: 1-2.md", "a:b-c~1234abcd.md", "🇰🇷.md"]
        for name in names:
            add(store, name, "One.")
        assert {key.article_id for key, _ in store.nearest(vector("one"), 3)} == set(names)

    def test_within_some_articles_are_the_nearest_of_those(self, store):
        generator = np.random.default_rng(0)
        for i in range(10):
            add(store, f"{i}.md", *("".join(generator.choice(list("abcdefgh"), 12)) for _ in range(30)))
        store.synchronise()
        asked = vector("abcabd")
        ranked = store.nearest(asked, 300)
        for within in (
            {"3.md"},
            {"0.md", "7.md", "9.md", "gone.md"},
            {f"{i}.md" for i in range(10)},
            {"gone.md"},
            set(),
        ):
            of_those = [(key, cosine) for key, cosine in ranked if key.article_id in within]
            found = store.nearest(asked, 40, frozenset(within))
            assert [cosine for _, cosine in found] == pytest.approx([cosine for _, cosine in of_those[:40]], abs=1e-6)
            assert len({key for key, _ in found}) == len(found)
            assert {key.article_id for key, _ in found} <= within

    def test_within_some_articles_what_was_written_meanwhile_is_found(self, store):
        within = frozenset({"a.md", "b.md"})
        add(store, "a.md", "Seoul watched.")
        assert [key for key, _ in store.nearest(vector("seoul"), 3, within)] == [PassageKey("a.md", 0, 14)]
        add(store, "a.md", "Busan.")
        add(store, "b.md", "Jeju.")
        assert {key for key, _ in store.nearest(vector("seoul"), 3, within)} == {("a.md", 0, 6), ("b.md", 0, 5)}

    def test_within_some_articles_chroma_is_not_loaded(self, store, folder):
        add(store, "a.md", "Seoul watched.")
        store.synchronise()
        read = run(
            """
            with Store.open(Path(sys.argv[2])) as store, store.snapshot(needs_chroma=False):
                ((found, _),) = store.nearest(vector("seoul"), 3, frozenset({"a.md"}))
                print(found.article_id, "chromadb" in sys.modules)
            """,
            folder,
        )
        assert (read.stdout, read.stderr) == ("a.md False\n", "")

    def test_threads_read_while_one_writes(self, store):
        add(store, "a.md", "One.", "Two.")
        store.synchronise()
        failures = []

        def read():
            try:
                for _ in range(20):
                    keys = [key for key, _ in store.nearest(vector("one"), 2)]
                    assert len(store.load(keys)) >= 1
                    assert len(lexical_keys(store, ["one"], 2)) >= 1
            except Exception as failure:
                failures.append(failure)

        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for i in range(5):
            add(store, f"{i}.md", "One.", "Three.")
        for thread in threads:
            thread.join()
        assert failures == []


def delete(path):
    shutil.rmtree(path)


def empty(path):
    shutil.rmtree(path)
    path.mkdir()


def put_a_file_there(path):
    shutil.rmtree(path)
    path.write_text("something")


def spoil_the_database(path):
    (path / "chroma.sqlite3").write_bytes(b"\xff" * 10_000)


def garble_the_database_behind_its_stamp(path):
    with sqlite3.connect(path / "chroma.sqlite3") as connection:
        connection.execute("DROP TABLE segments")
    connection.close()


def cut_the_vectors(path):
    for file in path.glob("*/data_level0.bin"):
        file.write_bytes(file.read_bytes()[:50])


def lose_the_vectors(path):
    for file in path.glob("*/*"):
        file.unlink()


def die_while_building(path):
    shutil.rmtree(path)
    for name in ("chroma.new", "chroma.old"):
        path.with_name(name).mkdir()
        (path.with_name(name) / "chroma.sqlite3").write_text("half")


class TestHealing:
    @pytest.fixture
    def filled(self, store):
        add(store, "a.md", "Pyongyang fired.")
        add(store, "b.md", "Seoul watched.")
        store.synchronise()
        return store

    @pytest.mark.parametrize(
        "damage",
        [
            delete,
            empty,
            put_a_file_there,
            spoil_the_database,
            garble_the_database_behind_its_stamp,
            cut_the_vectors,
            lose_the_vectors,
            die_while_building,
        ],
    )
    def test_chroma_is_built_again(self, filled, folder, caplog, damage):
        filled.close()
        damage(folder / "chroma")
        with Store.open(folder, encoder=ENCODER) as again:
            assert nearest_texts(again, "pyongyang fired", 1) == ["Pyongyang fired."]
            assert "is built again" in caplog.text
            with again.snapshot():
                assert nearest_texts(again, "pyongyang fired", 1) == ["Pyongyang fired."]
        assert sorted(path.name for path in folder.iterdir()) == [LOCK_FILE, DATABASE, "chroma"]
        with Store.open(folder, encoder=ENCODER) as healed:
            assert healed.is_current()

    def test_a_first_build_is_no_warning(self, filled, caplog):
        assert caplog.text == ""

    def test_another_chromadb(self, filled, folder, caplog):
        filled._connection.execute("UPDATE manifest SET chromadb = '0.1'")
        filled.close()
        with Store.open(folder, encoder=ENCODER) as again:
            assert len(nearest_texts(again, "a")) == 2
            again.synchronise()
            assert again.manifest.chromadb != "0.1"
        assert "chromadb 0.1" in caplog.text

    def test_chroma_of_an_index_that_is_gone(self, filled, folder):
        filled.close()
        (folder / DATABASE).unlink()
        with Store.open(folder, encoder=ENCODER, create=True) as other:
            add(other, "c.md", "Tokyo spoke.")
            add(other, "d.md", "Beijing too.")
            assert sorted(nearest_texts(other, "a")) == ["Beijing too.", "Tokyo spoke."]

    def test_a_crash_between_the_truth_and_chroma(self, filled, folder):
        """The writer is gone after its last transaction, without a word to Chroma."""
        code = """
            import os
            store = Store.open(Path(sys.argv[2]), encoder=ENCODER)
            add(store, "b.md", "Washington said.")
            add(store, "c.md", "Tokyo spoke.")
            store.remove("a.md")
            os.kill(os.getpid(), 9)
        """
        filled.close()
        assert run(code, folder).returncode == -9
        with Store.open(folder, encoder=ENCODER) as again:
            assert sorted(nearest_texts(again, "a", 9)) == ["Tokyo spoke.", "Washington said."]

    def test_a_crash_while_chroma_is_brought_up(self, filled, folder):
        """Old passages are out, new ones not yet in: the next one to search finishes the work first."""
        code = """
            import os
            import askseoul.index.chroma
            store = Store.open(Path(sys.argv[2]), encoder=ENCODER)
            add(store, "b.md", "Washington said.")
            askseoul.index.chroma._add = lambda *_: os.kill(os.getpid(), 9)
            store.synchronise()
        """
        filled.close()
        assert run(code, folder).returncode == -9
        with Store.open(folder, encoder=ENCODER) as again:
            assert sorted(nearest_texts(again, "a", 9)) == ["Pyongyang fired.", "Washington said."]

    def test_what_another_process_wrote_is_found(self, filled, folder):
        code = """
            with Store.open(Path(sys.argv[2]), encoder=ENCODER) as store:
                add(store, "c.md", "Tokyo spoke.")
                if sys.argv[3] == "synchronised":
                    store.synchronise()
        """
        for number, state in enumerate(["synchronised", "not"]):
            assert run(code, folder, state).returncode == 0
            assert len(nearest_texts(filled, "tokyo", 9)) == 3, number
            filled.remove("c.md")
            assert len(nearest_texts(filled, "tokyo", 9)) == 2

    def test_files_replaced_or_spoiled_while_they_are_open(self, filled, folder):
        """Whatever Chroma says of it, the passages are found: by opening it again, or by comparing them all."""
        assert len(nearest_texts(filled, "a")) == 2
        for path in (folder / "chroma").rglob("*.*"):
            path.write_bytes(b"")
        filled._vector_index._collection.nearest = lambda *_: 1 / 0
        assert nearest_texts(filled, "pyongyang fired", 1) == ["Pyongyang fired."]

    def test_removed_passages_do_not_crowd_out_what_is_held(self, filled):
        """Chroma still knows hundreds of passages that are nearest and gone."""
        add(filled, "many.md", *("pyongyang fired" for _ in range(300)))
        filled.synchronise()
        filled.remove("many.md")
        assert nearest_texts(filled, "pyongyang fired", 2) == ["Pyongyang fired.", "Seoul watched."]

    def test_an_older_truth_beside_a_newer_collection(self, filled, folder):
        """Restored from a backup, the truth goes on by another way to the same number of writes."""
        filled.close()
        backup = (folder / DATABASE).read_bytes()
        with Store.open(folder, encoder=ENCODER) as store:
            add(store, "c.md", "Tokyo spoke.")
            store.synchronise()
        (folder / DATABASE).write_bytes(backup)
        with Store.open(folder, encoder=ENCODER) as store:
            add(store, "d.md", "Beijing too.")
            assert not store.is_current()
            assert len(nearest_texts(store, "tokyo", 9)) == 3
            store.synchronise()
            assert "c.md" not in str(store.collection().get()["ids"])

    @pytest.mark.parametrize(
        "write",
        ["add", pytest.param("update", marks=pytest.mark.full), pytest.param("delete", marks=pytest.mark.full)],
    )
    def test_what_others_write_into_the_collection_is_thrown_away(self, filled, folder, write):
        filled.close()
        code = """
            import chromadb
            client = chromadb.PersistentClient(sys.argv[2])
            collection = client.get_collection("askseoul", embedding_function=None)
            one = collection.get(limit=1)["ids"][0]
            match sys.argv[3]:
                case "add":
                    collection.add(ids=["foreign.md:0-5"], embeddings=[vector("a")], documents=["a"])
                case "update":
                    collection.update(ids=[one], embeddings=[vector("zzzz")])
                case "delete":
                    collection.delete(ids=[one])
        """
        done = run(code, folder / "chroma", write)
        assert done.returncode == 0, done.stderr
        with Store.open(folder, encoder=ENCODER) as store:
            assert not store.is_current()
            store.synchronise()
            held = store.collection().get(include=["documents", "embeddings"])
            assert sorted(held["documents"]) == ["Pyongyang fired.", "Seoul watched."]
            for text, embedding in zip(held["documents"], held["embeddings"], strict=True):
                assert embedding == pytest.approx(vector(text))

    def test_many_changes_build_a_new_collection(self, filled):
        """A changed copy keeps the outdated vectors in its graph; past a measure it pays to build it anew."""
        first = filled.collection().id
        add(filled, "c.md", *("x" * (i % 7 + 1) for i in range(400)))
        assert filled.collection().id == first
        add(filled, "c.md", *("y" * (i % 7 + 1) for i in range(400)))
        assert filled.collection().id == first
        add(filled, "c.md", *("z" * (i % 7 + 1) for i in range(400)))
        assert filled.collection().id != first
        assert filled.collection().count() == 402


class TestOtherReaders:
    @pytest.fixture
    def filled(self, store, folder):
        add(store, "서울.md", "한국은 핵우산.", "Seoul watched.", title="Seoul", source=None, published=None)
        store.synchronise()
        store.close()
        return folder / "chroma"

    @pytest.mark.filterwarnings("ignore:legacy embedding function config")
    def test_chromas_own_client(self, filled):
        chromadb = pytest.importorskip("chromadb")
        client = chromadb.PersistentClient(str(filled))
        collection = client.get_collection("askseoul", embedding_function=None)
        found = collection.query(query_embeddings=[vector("seoul watched")], n_results=1)
        client.close()
        assert collection.configuration["hnsw"]["space"] == "cosine"
        assert found["ids"] == [["서울.md:9-23"]]
        assert found["documents"] == [["Seoul watched."]]
        metadata = found["metadatas"][0][0]
        assert {name: metadata[name] for name in ("article_id", "title", "source", "start", "end")} == {
            "article_id": "서울.md",
            "title": "Seoul",
            "source": "",
            "start": 9,
            "end": 23,
        }

    def test_llamaindex_reads_its_own_nodes(self, filled):
        """ChromaVectorStore makes of a record the node that it would itself have written as this record."""
        code = """
            import chromadb
            from llama_index.core import MockEmbedding, VectorStoreIndex
            from llama_index.core.schema import MetadataMode
            from llama_index.core.vector_stores.utils import node_to_metadata_dict
            from llama_index.vector_stores.chroma import ChromaVectorStore

            client = chromadb.PersistentClient(sys.argv[2])
            collection = client.get_collection("askseoul", embedding_function=None)
            vectors = ChromaVectorStore(chroma_collection=collection)
            index = VectorStoreIndex.from_vector_store(vectors, embed_model=MockEmbedding(embed_dim=26))
            nodes = [found.node for found in index.as_retriever(similarity_top_k=5).retrieve("anything")]
            first, second = sorted(nodes, key=lambda node: node.start_char_idx)
            assert (first.text, first.start_char_idx, first.end_char_idx) == ("한국은 핵우산.", 0, 8), first
            assert (second.node_id, second.ref_doc_id) == ("서울.md:9-23", "서울.md"), second
            assert second.metadata["title"] == "Seoul" and second.metadata["end"] == 23, second
            assert second.get_content(MetadataMode.LLM).startswith("title: Seoul"), second
            stored = collection.get(ids=[second.node_id])["metadatas"][0]
            rewritten = node_to_metadata_dict(second, remove_text=True, flat_metadata=True)
            stored.pop("_node_content"), rewritten.pop("_node_content")
            assert stored == rewritten, (stored, rewritten)
            vectors.delete("서울.md")
            assert collection.count() == 0
        """
        done = run(code, filled)
        assert done.returncode == 0, done.stderr

    @pytest.mark.filterwarnings("ignore:legacy embedding function config")
    def test_another_client_in_the_same_process(self, filled):
        chromadb = pytest.importorskip("chromadb")
        client = chromadb.PersistentClient(str(filled))
        with Store.open(filled.parent, encoder=ENCODER) as store:
            assert nearest_texts(store, "seoul watched", 1) == ["Seoul watched."]
            add(store, "b.md", "Two.")
            store.synchronise()
        client.close()
        client = chromadb.PersistentClient(str(filled))
        client.close()

    @pytest.mark.full
    def test_others_read_while_it_is_written(self, filled):
        """Whoever opens the collection reads one state of it, whole; only a read that a new one cuts across fails."""
        code = """
            import time
            import chromadb
            from chromadb.api.shared_system_client import SharedSystemClient
            from llama_index.core.vector_stores.types import VectorStoreQuery
            from llama_index.vector_stores.chroma import ChromaVectorStore

            print("ready", flush=True)
            reads, failures, until = 0, 0, time.monotonic() + 6
            while time.monotonic() < until:
                client = None
                try:
                    client = chromadb.PersistentClient(sys.argv[2])
                    collection = client.get_collection("askseoul", embedding_function=None)
                    found = collection.get(include=["documents", "embeddings"])
                    query = VectorStoreQuery(query_embedding=vector("a").tolist(), similarity_top_k=20)
                    nodes = ChromaVectorStore(chroma_collection=collection).query(query).nodes
                    editions = {document.split()[-1] for document in found["documents"]}
                    assert len(editions) == 1 and len(found["embeddings"]) in (2, 10), found["documents"]
                    assert len({node.text.split()[-1] for node in nodes}) == 1, nodes
                    reads += 1
                except BaseException:  # Chroma's panics among them
                    failures += 1
                if client is not None:
                    client.close()
                SharedSystemClient.clear_system_cache()
            print(reads, failures)
        """
        command = [sys.executable, "-W", "ignore", *letters_program(code, filled)]
        with Store.open(filled.parent, encoder=ENCODER) as store:
            store.remove("서울.md")
            add(store, "a.md", "One, edition 0", "Two, edition 0")
            store.synchronise()
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as reader:
                assert reader.stdout.readline() == "ready\n"
                edition = 0
                while reader.poll() is None and edition < 20:
                    edition += 1
                    with store.atomic():
                        for name in ("a.md", "b.md", "c.md", "d.md", "e.md"):
                            add(store, name, f"One, edition {edition}", f"Two, edition {edition}")
                    store.synchronise()
                    time.sleep(0.3)
                reads, failures = map(int, reader.stdout.readline().split())
        assert reads > 3
        assert failures <= edition

    @pytest.mark.parametrize(
        "content",
        [
            pytest.param(
                b"CHROMA_API_IMPL=chromadb.api.fastapi.FastAPI\nIS_PERSISTENT=0\n", id="a setting of Chroma's"
            ),
            pytest.param(
                b"MIGRATIONS=later\nCHROMA_SERVER_CORS_ALLOW_ORIGINS=*\n",
                id="a value Chroma refuses",
                marks=pytest.mark.full,
            ),
            pytest.param("# Z\u00fcrich\n".encode("latin-1"), id="not UTF-8", marks=pytest.mark.full),
        ],
    )
    def test_a_stray_env_file_and_environment_change_nothing(self, filled, tmp_path, content):
        (tmp_path / ".env").write_bytes(content)
        code = """
            with Store.open(Path(sys.argv[2]), encoder=ENCODER) as store:
                print(nearest_texts(store, "seoul watched", 1))
                add(store, "b.md", "Two.")
                print(nearest_texts(store, "two", 1))
        """
        done = run(code, filled.parent, cwd=tmp_path, env={**os.environ, "ALLOW_RESET": "maybe", "MIGRATIONS": "x"})
        assert done.stdout == "['Seoul watched.']\n['Two.']\n", done.stderr

    def test_only_vectors_need_chroma(self, filled):
        code = """
            with Store.open(Path(sys.argv[2])) as store:
                store.articles(), store.article("서울.md"), lexical_keys(store, ["seoul"])
            slow = {"chromadb", "torch", "openvino", "llama_index", "onnxruntime"}
            print(slow & set(sys.modules))
        """
        done = run(code, filled.parent)
        assert done.stdout == "set()\n", done.stderr

    def test_two_stores_in_one_process(self, filled):
        with Store.open(filled.parent, encoder=ENCODER) as one, Store.open(filled.parent, encoder=ENCODER) as other:
            assert len(nearest_texts(one, "a", 9)) == len(nearest_texts(other, "a", 9)) == 2
            add(one, "b.md", "Two.")
            assert len(nearest_texts(one, "a", 9)) == len(nearest_texts(other, "a", 9)) == 3
            add(other, "c.md", *("x" * (i % 7 + 1) for i in range(600)))
            assert nearest_texts(other, "x" * 7, 1) == nearest_texts(one, "x" * 7, 1) == ["x" * 7]
