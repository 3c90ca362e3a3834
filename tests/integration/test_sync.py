"""Files into an index, on a real one with an encoder that can be checked by eye: no work is done twice."""

from __future__ import annotations

import json
import os
import sqlite3

import pytest

from askseoul.errors import NothingIndexed
from askseoul.index import sqlite
from askseoul.index import sync as sync_module
from askseoul.index.sqlite import DATABASE
from askseoul.index.store import Store
from askseoul.index.sync import add_articles, dry_run, sync
from askseoul.ingest.metadata import Options
from askseoul.retrieval.search import search
from tests.support.articles import make_article
from tests.support.fakes import WordEncoder


class CountingEncoder(WordEncoder):
    """Keeps the texts of articles that it was given; ends in an error at the word "sinks"."""

    def __init__(self):
        super().__init__("cats ferry tea")
        self.read = []

    def encode_document(self, texts):
        if any("sinks" in text for text in texts):
            raise RuntimeError("the encoder is gone")
        self.read += texts
        return self.encode_query(texts)


@pytest.fixture
def encoder():
    return CountingEncoder()


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "articles"
    folder.mkdir()
    for name, text in {"cats.md": "Cats sleep.", "ferry.md": "The ferry sails.", "tea.md": "Tea is hot."}.items():
        (folder / name).write_text(f"# About {name}\n\n{text}", encoding="utf-8")
    return folder


@pytest.fixture
def store(tmp_path, encoder):
    with Store.open(tmp_path / "index", encoder=encoder, passage_tokens=12, create=True) as store:
        yield store


@pytest.fixture
def index(store, encoder):
    """Indexes folders and files, and gives the report without what is empty in it."""

    def run(*paths, **options):
        report = sync(paths, store=store, encoder=encoder, **options)
        return {name: getattr(report, name) for name in report.__slots__ if getattr(report, name)}

    return run


def always(missing, of):
    return True


def never(missing, of):
    return False


def ids(store):
    return [summary.id for summary in store.articles()]


def test_the_second_run_encodes_nothing(index, folder, encoder):
    assert index(folder) == {"added": ("cats.md", "ferry.md", "tea.md")}
    assert len(encoder.read) == 3
    assert index(folder) == {"unchanged": ("cats.md", "ferry.md", "tea.md")}
    assert len(encoder.read) == 3


def test_of_a_changed_article_only_what_changed_is_encoded(index, folder, encoder):
    paragraphs = [f"Paragraph {n} is of the ferry and tea and many cats." for n in range(5)]
    (folder / "long.md").write_text("# Long\n\n" + "\n\n".join(paragraphs), encoding="utf-8")
    index(folder)
    encoder.read.clear()
    paragraphs[3] = "Paragraph three is another one now, of the ferry."
    (folder / "long.md").write_text("# Long\n\n" + "\n\n".join(paragraphs), encoding="utf-8")
    assert index(folder)["updated"] == ("long.md",)
    assert encoder.read == ["Long\nParagraph three is another one now, of the ferry."]


def test_a_renamed_file_and_a_copy_are_not_encoded(index, folder, encoder, store):
    index(folder)
    encoder.read.clear()
    (folder / "tea.md").rename(folder / "green.md")
    (folder / "copy.md").write_bytes((folder / "cats.md").read_bytes())
    report = index(folder)
    assert [(one.former_id, one.article_id) for one in report["renamed"]] == [("tea.md", "green.md")]
    assert [(one.article_id, one.place) for one in report["duplicates"]] == [("cats.md", str(folder / "copy.md"))]
    assert encoder.read == []
    assert ids(store) == ["cats.md", "ferry.md", "green.md"]
    assert index(folder) == {"unchanged": ("cats.md", "ferry.md", "green.md")}


def test_what_was_written_before_a_run_broke_off_is_held_and_not_encoded_again(
    index, folder, encoder, store, monkeypatch
):
    monkeypatch.setattr(sync_module, "BATCH_PASSAGES", 1)
    (folder / "ferry.md").write_text("The ferry sinks.", encoding="utf-8")
    with pytest.raises(RuntimeError):
        index(folder)
    assert ids(store) == ["cats.md"]
    (folder / "ferry.md").write_text("The ferry sails.", encoding="utf-8")
    encoder.read.clear()
    assert index(folder) == {"added": ("ferry.md", "tea.md"), "unchanged": ("cats.md",)}
    assert not any("Cats" in text for text in encoder.read)


def test_of_an_article_longer_than_a_batch_the_vectors_are_kept_on_the_way(index, folder, encoder, store, monkeypatch):
    monkeypatch.setattr(sync_module, "BATCH_PASSAGES", 2)
    paragraphs = [f"Paragraph {n} is of the ferry and tea and many cats." for n in range(9)]
    last = "At last it sinks, with all the tea and with all the cats."
    (folder / "long.md").write_text("# Long\n\n" + "\n\n".join([*paragraphs, last]), encoding="utf-8")
    with pytest.raises(RuntimeError):
        index(folder / "long.md")
    assert ids(store) == []
    kept = len(encoder.read)
    assert kept >= 8
    (folder / "long.md").write_text("# Long\n\n" + "\n\n".join(paragraphs), encoding="utf-8")
    index(folder / "long.md")
    assert len(encoder.read) == len(set(encoder.read))


def test_two_files_that_change_places_are_both_updated(index, folder, store):
    index(folder)
    cats, tea = (folder / "cats.md").read_text(encoding="utf-8"), (folder / "tea.md").read_text(encoding="utf-8")
    (folder / "cats.md").write_text(tea, encoding="utf-8")
    (folder / "tea.md").write_text(cats, encoding="utf-8")
    assert index(folder) == {"updated": ("cats.md", "tea.md"), "unchanged": ("ferry.md",)}
    assert "Tea is hot." in store.article("cats.md").text


def test_a_file_moved_over_another_takes_its_place(index, folder, store):
    index(folder)
    (folder / "tea.md").rename(folder / "cats.md")
    assert index(folder) == {"updated": ("cats.md",), "unchanged": ("ferry.md",), "removed": ("tea.md",)}
    assert ids(store) == ["cats.md", "ferry.md"]


def test_the_file_that_is_left_of_two_says_what_it_is_called(index, folder, store):
    for name, title in {"a.md": "First", "b.md": "Second"}.items():
        (folder / name).write_text(f"---\ntitle: {title}\n---\nThe same of the ferry.", encoding="utf-8")
    index(folder)
    (folder / "a.md").unlink()
    index(folder, prune=always)
    assert store.article("b.md").title == "Second"


def test_a_file_that_became_a_pipe_is_refused_and_not_waited_for(index, folder):
    index(folder)
    (folder / "tea.md").unlink()
    os.mkfifo(folder / "tea.md")
    assert "not a regular file" in index(folder)["failed"][0].reason


class TestPrune:
    def test_without_it_what_is_gone_stays_and_is_named(self, index, folder, store):
        index(folder)
        (folder / "tea.md").unlink()
        assert index(folder)["missing"] == ("tea.md",)
        assert "tea.md" in ids(store)

    def test_an_empty_folder_removes_nothing_unasked(self, index, folder, store):
        index(folder)
        for path in folder.iterdir():
            path.unlink()
        with pytest.raises(NothingIndexed):
            index(folder)
        assert index(folder, prune=never) == {"missing": ("cats.md", "ferry.md", "tea.md")}
        assert len(ids(store)) == 3

    def test_a_folder_that_is_not_there_removes_nothing(self, index, folder, store):
        index(folder)
        folder.rename(folder.with_name("elsewhere"))
        with pytest.raises(NothingIndexed, match="does not exist"):
            index(folder, prune=always)
        assert len(ids(store)) == 3

    def test_other_folders_are_left_alone(self, index, folder, tmp_path, store):
        index(folder)
        other = tmp_path / "other"
        other.mkdir()
        (other / "new.md").write_text("Something new.", encoding="utf-8")
        (folder / "tea.md").unlink()
        assert index(other, prune=always) == {"added": ("new.md",)}
        assert "tea.md" in ids(store)

    def test_it_asks_with_the_numbers_when_that_is_more_than_a_tenth(self, index, folder, store):
        index(folder)
        (folder / "tea.md").unlink()
        asked = []
        index(folder, prune=lambda missing, of: asked.append((missing, of)) or True)
        assert asked == [(1, 3)]
        assert ids(store) == ["cats.md", "ferry.md"]

    def test_a_tenth_goes_unasked(self, index, folder, store):
        for n in range(7):
            (folder / f"{n}.md").write_text(f"Number {n}.", encoding="utf-8")
        index(folder)
        (folder / "tea.md").unlink()
        assert index(folder, prune=never)["removed"] == ("tea.md",)

    def test_a_renamed_file_is_not_removed(self, index, folder):
        index(folder)
        (folder / "tea.md").rename(folder / "green.md")
        assert "removed" not in index(folder, prune=never)

    def test_what_is_removed_is_found_no_more_and_its_vectors_go(self, index, folder, store, encoder):
        index(folder)
        (folder / "tea.md").unlink()
        index(folder, prune=always)
        assert [hit.article.id for hit in search("tea", encoder=encoder, store=store, count=9)] == [
            "cats.md",
            "ferry.md",
        ]
        assert store.has_vectors(encoder.read) == ["About tea.md" not in text for text in encoder.read]


class TestForesee:
    def test_it_says_what_would_be_done_and_does_nothing(self, index, folder, store, encoder):
        index(folder)
        (folder / "cats.md").write_text("# About cats.md\n\nCats run.", encoding="utf-8")
        (folder / "tea.md").unlink()
        (folder / "new.md").write_text("New.", encoding="utf-8")
        encoder.read.clear()
        before = store.manifest
        foreseen = dry_run([folder], store=store, prune=True)
        assert (store.manifest, encoder.read) == (before, [])
        assert sync([folder], store=store, encoder=encoder, prune=always) == foreseen
        assert (foreseen.updated, foreseen.added, foreseen.removed) == (("cats.md",), ("new.md",), ("tea.md",))

    def test_without_an_index_everything_is_new(self, folder):
        assert dry_run([folder], store=None).added == ("cats.md", "ferry.md", "tea.md")


def test_articles_that_are_no_files_are_added_as_they_are(store, encoder):
    add_articles([make_article("Cats sleep.", "a", places=("/a",))], store=store, encoder=encoder)
    assert search("cats", encoder=encoder, store=store, count=1)[0].article.text == "Cats sleep."
    assert store.is_current()


def test_each_read_is_of_one_moment(index, folder, store, encoder):
    """Between finding and loading, another process rewrites what was found."""
    index(folder)
    nearest = store.nearest

    def rewritten_meanwhile(*asked):
        found = nearest(*asked)
        with Store.open(store.folder) as other:
            other.remove("ferry.md")
        return found

    store.nearest = rewritten_meanwhile
    assert search("ferry", encoder=encoder, store=store, count=1)[0].article.id == "ferry.md"
    store.nearest = nearest
    assert "ferry.md" not in {hit.article.id for hit in search("ferry", encoder=encoder, store=store, count=9)}


class TestOlderFormat:
    @pytest.fixture
    def older(self, index, folder, store):
        """The index as format 1 had it: vectors with the passages, places with the articles, no token vectors."""
        index(folder)
        store.close()
        with sqlite3.connect(store.folder / DATABASE) as connection:
            places = dict(connection.execute("SELECT article_id, path FROM places"))
            connection.executescript(
                """
                CREATE TABLE m AS SELECT 'x' AS index_id, encoder, fingerprint, dimension, passage_tokens, generation,
                    NULL AS chromadb FROM manifest;
                CREATE TABLE a AS SELECT id, sha256, title, source, published, url, language, '' AS places, stripped,
                    characters, text FROM articles;
                CREATE TABLE p AS SELECT passages.number, article_id, start, stop, sentences, vectors.vector
                    FROM passages JOIN vectors ON vectors.number = passages.vector;
                DROP TABLE tokens; DROP TABLE places; DROP TABLE passages; DROP TABLE vectors; DROP TABLE articles;
                DROP TABLE manifest;
                ALTER TABLE m RENAME TO manifest;
                ALTER TABLE a RENAME TO articles;
                ALTER TABLE p RENAME TO passages;
                PRAGMA user_version = 1;
                """
            )
            for article_id, place in places.items():
                connection.execute("UPDATE articles SET places = ? WHERE id = ?", (json.dumps([place]), article_id))
        connection.close()
        return store.folder

    def test_opening_it_is_enough_and_nothing_is_encoded(self, older, encoder, caplog):
        encoder.read.clear()
        with Store.open(older) as store:
            assert ids(store) == ["cats.md", "ferry.md", "tea.md"]
            assert (store.manifest.articles, store.manifest.passages) == (3, 3)
        assert "Upgrading" in caplog.text
        assert encoder.read == []

    def test_two_articles_that_say_the_same_become_one(self, older):
        with sqlite3.connect(older / DATABASE) as connection:
            connection.execute(
                "INSERT INTO articles SELECT 'z.md', sha256, title, source, published, url, language, ?, stripped, "
                "characters, text FROM articles WHERE id = 'tea.md'",
                (json.dumps(["/z.md"]),),
            )
        connection.close()
        with Store.open(older) as store:
            assert ids(store) == ["cats.md", "ferry.md", "tea.md"]
            assert store.article("tea.md").places[1:] == ("/z.md",)

    def test_it_is_searched_at_once(self, older, encoder):
        with Store.open(older, encoder=encoder, passage_tokens=12) as store:
            hit = search("ferry", encoder=encoder, store=store, count=1)[0]
            assert (hit.article.id, hit.scores["late"]) == ("ferry.md", pytest.approx(1))

    def test_the_next_run_keeps_the_token_vectors(self, older, encoder, folder):
        with Store.open(older, encoder=encoder, passage_tokens=12) as store:
            report = sync([folder], store=store, encoder=encoder)
            assert report.unchanged == ("cats.md", "ferry.md", "tea.md")
            assert store.texts_without_tokens() == []
            encoder.read.clear()
            search("ferry", encoder=encoder, store=store, count=1)
            assert encoder.read == []

    def test_a_conversion_that_breaks_off_leaves_the_older_index(self, older, monkeypatch):
        monkeypatch.setattr(sqlite, "_upgrade_article", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            Store.open(older)
        monkeypatch.undo()
        with Store.open(older) as store:
            assert len(ids(store)) == 3


# What is stated beside the files


def known(store, article_id):
    article = store.article(article_id)
    return (article.published, article.published_from, article.source, article.source_from)


def test_a_table_alone_updates_an_article_and_nothing_is_encoded(index, folder, encoder, store):
    index(folder)
    encoder.read.clear()
    table = folder / "metadata.csv"
    table.write_text("file,published,source\ntea.md,2024-05,Tea Weekly\n", encoding="utf-8")
    assert index(folder) == {"updated": ("tea.md",), "unchanged": ("cats.md", "ferry.md")}
    assert known(store, "tea.md") == ("2024-05", "metadata.csv", "Tea Weekly", "metadata.csv")
    assert index(folder) == {"unchanged": ("cats.md", "ferry.md", "tea.md")}
    table.write_text("file,published\ntea.md,2024-06\n", encoding="utf-8")
    assert index(folder / "tea.md") == {"updated": ("tea.md",)}
    assert known(store, "tea.md") == ("2024-06", "metadata.csv", None, None)
    table.unlink()
    assert index(folder)["updated"] == ("tea.md",)
    assert known(store, "tea.md") == (None, None, None, None)
    assert encoder.read == []


def test_a_title_in_a_table_is_encoded(index, folder, encoder, store):
    index(folder)
    encoder.read.clear()
    (folder / "metadata.csv").write_text("file,title,language\ntea.md,차,ko\n", encoding="utf-8")
    index(folder)
    assert (store.article("tea.md").title, store.article("tea.md").language) == ("차", "ko")
    assert encoder.read == ["차\n# About tea.md\n\nTea is hot."]


def test_an_option_holds_until_it_is_given_again(index, folder, encoder, store):
    index(folder)
    encoder.read.clear()
    options = Options.of("2025-03-04", "Courier")
    assert index(folder / "tea.md", folder / "cats.md", options=options) == {"updated": ("cats.md", "tea.md")}
    assert known(store, "tea.md") == ("2025-03-04", "option", "Courier", "option")
    assert known(store, "ferry.md") == (None, None, None, None)
    assert index(folder / "tea.md", options=options) == {"unchanged": ("tea.md",)}
    (folder / "metadata.csv").write_text("file,published,url\ntea.md,2020,https://a.org\n", encoding="utf-8")
    assert index(folder) == {"updated": ("tea.md",), "unchanged": ("cats.md", "ferry.md")}
    assert known(store, "tea.md") == ("2025-03-04", "option", "Courier", "option")
    assert store.article("tea.md").url == "https://a.org"
    (folder / "tea.md").rename(folder / "green.md")
    (folder / "metadata.csv").unlink()
    assert [one.article_id for one in index(folder)["renamed"]] == ["green.md"]
    assert known(store, "green.md") == ("2025-03-04", "option", "Courier", "option")
    assert encoder.read == []
    (folder / "green.md").write_text("# About tea.md\n\nTea is cold.", encoding="utf-8")
    index(folder)
    assert known(store, "green.md") == ("2025-03-04", "option", "Courier", "option")
    assert index(folder / "green.md", options=Options.of("", None)) == {"updated": ("green.md",)}
    assert known(store, "green.md") == (None, None, "Courier", "option")


def test_an_option_for_a_copy_holds_for_the_article(index, folder, store):
    index(folder)
    (folder / "copy.md").write_bytes((folder / "cats.md").read_bytes())
    report = index(folder / "copy.md", options=Options.of("2025", None))
    assert [one.article_id for one in report["duplicates"]] == ["cats.md"]
    assert known(store, "cats.md") == ("2025", "option", None, None)
    assert index(folder / "copy.md", options=Options.of("2026", None)) == {"updated": ("cats.md",)}
    assert known(store, "cats.md")[0] == "2026"


def test_a_file_that_changes_to_a_known_text_brings_no_option_along(index, folder, store):
    index(folder)
    index(folder / "tea.md", options=Options.of("2025", None))
    (folder / "tea.md").write_bytes((folder / "cats.md").read_bytes())
    index(folder)
    assert known(store, "cats.md")[:2] == (None, None)


def test_kinds_that_are_not_read_are_counted(index, folder, tmp_path):
    (folder / "sub").mkdir()
    for name in ("a.doc", "sub/B.DOC", "sub/c.mp4", "LICENSE", ".hidden.doc"):
        (folder / name).touch()
    assert index(folder)["unread"] == {".doc": 2, ".mp4": 1, "no ending": 1}
    assert index(tmp_path)["unread"] == {".doc": 2, ".mp4": 1, "no ending": 1}  # and the index's own files are none


def test_what_is_wrong_in_a_table_is_told_even_if_nothing_is_indexed(index, tmp_path):
    (tmp_path / "metadata.csv").write_text("file\na.md\n", encoding="utf-8")
    (tmp_path / "film.mp4").touch()
    with pytest.raises(NothingIndexed) as raised:
        index(tmp_path)
    for told in ("only states what the files beside it are", "not read: .mp4 (1)", "line 2: there is no file “a.md”"):
        assert told in str(raised.value)


def test_notes_are_kept(index, folder, store):
    (folder / "cafe.txt").write_bytes("Le café de José a fermé en été, dit-on à Besançon.".encode("cp1252"))
    notes = {"cafe.txt": ("its encoding was guessed: windows-1252",)}
    assert index(folder)["notes"] == notes
    assert index(folder) == {"unchanged": ("cafe.txt", "cats.md", "ferry.md", "tea.md"), "notes": notes}
    assert store.article("cafe.txt").notes == notes["cafe.txt"]


def test_an_index_of_before_is_read_as_it_is_and_its_files_once_more(index, folder, encoder, store):
    (folder / "tea.md").write_text("---\npublished: 2024\n---\n# About tea.md\n\nTea is hot.", encoding="utf-8")
    index(folder)
    encoder.read.clear()
    with sqlite3.connect(store.folder / DATABASE) as connection:
        connection.execute("DROP TABLE statements")
        connection.execute("UPDATE places SET file_sha256 = '0'")
    connection.close()
    with Store.open(store.folder, encoder=encoder, passage_tokens=12) as former:
        assert known(former, "tea.md") == ("2024", None, None, None)
        assert [summary.published_from for summary in former.articles()] == [None, None, None]
    assert index(folder) == {"updated": ("tea.md",), "unchanged": ("cats.md", "ferry.md")}
    assert known(store, "tea.md") == ("2024", "front matter", None, None)
    assert encoder.read == []
