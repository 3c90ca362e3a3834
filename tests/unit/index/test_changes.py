"""What reading a file changes in the state of the index, without an index."""

from __future__ import annotations

import dataclasses
import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.index.changes import Addition, IndexState, Relocation, Removal, is_gone
from tests.support.articles import make_article


class Shelf:
    """Keeps articles by applying the changes that IndexState decides on, as the index does."""

    def __init__(self):
        self.articles = {}
        self.state = IndexState((), {}, lambda article_id: self.articles[article_id])

    def read(self, path, text, **fields):
        article = dataclasses.replace(make_article(text, path.name), places=(str(path),), **fields)
        outcome = self.state.add_file(article, f"bytes of {text} {fields}")
        self.carry_out(outcome.changes)
        return outcome

    def id_at(self, path):
        return self.state.id_at(str(path))

    def carry_out(self, changes):
        for change in changes:
            match change:
                case Addition(article, files):
                    assert tuple(files) == article.places
                    self.articles[article.id] = article
                case Relocation(article_id, files):
                    self.articles[article_id] = dataclasses.replace(self.articles[article_id], places=tuple(files))
                case Removal(article_id):
                    del self.articles[article_id]

    def leave(self, *paths):
        self.carry_out(self.state.remove_places(map(str, paths)))

    def held(self):
        return {article.id: (article.text, [place.rpartition("/")[2] for place in article.places])
                for article in self.articles.values()}  # fmt: skip


@pytest.fixture
def shelf():
    return Shelf()


@pytest.fixture
def a(tmp_path):
    return tmp_path / "a.md"


@pytest.fixture
def b(tmp_path):
    return tmp_path / "b.md"


def test_a_new_file_is_added_under_its_name(shelf, a):
    shelf.read(a, "Seoul.")
    assert shelf.held() == {"a.md": ("Seoul.", ["a.md"])}


def test_bytes_that_were_read_are_recognized(shelf, a, b):
    shelf.read(a, "Seoul.")
    assert shelf.state.has_read(str(a), "bytes of Seoul. {}")
    assert not shelf.state.has_read(str(a), "other bytes")
    assert not shelf.state.has_read(str(b), "bytes of Seoul. {}")


def test_another_text_at_the_same_path_updates(shelf, a):
    shelf.read(a, "Seoul.")
    shelf.read(a, "Busan.")
    assert shelf.held() == {"a.md": ("Busan.", ["a.md"])}


def test_the_same_text_in_other_bytes_records_only_the_bytes(shelf, a):
    shelf.read(a, "Seoul.")
    outcome = shelf.state.add_file(dataclasses.replace(make_article("Seoul.", "a.md"), places=(str(a),)), "other bytes")
    assert [type(change) for change in outcome.changes] == [Relocation]
    assert shelf.state.has_read(str(a), "other bytes")


def test_another_title_updates(shelf, a):
    shelf.read(a, "Seoul.")
    shelf.read(a, "Seoul.", title="The capital")
    assert shelf.articles["a.md"].title == "The capital"


def test_the_same_text_at_two_paths_is_held_once(shelf, a, b):
    a.touch()
    shelf.read(a, "Seoul.")
    outcome = shelf.read(b, "Seoul.", title="Told otherwise")
    assert (outcome.duplicate.place, outcome.duplicate.article_id) == (str(b), "a.md")
    assert shelf.held() == {"a.md": ("Seoul.", ["a.md", "b.md"])}


def test_a_moved_file_is_renamed(shelf, a, b):
    shelf.read(a, "Seoul.")
    outcome = shelf.read(b, "Seoul.")
    assert dataclasses.astuple(outcome.renamed) == ("b.md", "a.md", str(a), str(b))
    assert shelf.held() == {"b.md": ("Seoul.", ["b.md"])}


def test_a_duplicate_keeps_the_text_when_the_first_file_changes(shelf, a, b):
    a.touch()
    shelf.read(a, "Seoul.")
    shelf.read(b, "Seoul.")
    shelf.read(a, "Busan.")
    assert shelf.held() == {"a.md": ("Busan.", ["a.md"]), "b.md": ("Seoul.", ["b.md"])}


def test_an_id_stays_with_the_file_it_names(shelf, tmp_path):
    first, second = tmp_path / "x" / "n.md", tmp_path / "y" / "n.md"
    first.parent.mkdir()
    first.touch()
    shelf.read(first, "Seoul.")
    shelf.read(second, "Seoul.")
    shelf.read(first, "Busan.")
    assert shelf.id_at(first) == "n.md"
    assert re.fullmatch(r"n\.md~[0-9a-f]{8}", shelf.id_at(second))


def test_a_duplicate_that_changes_gets_its_own_id(shelf, a, b):
    a.touch()
    shelf.read(a, "Seoul.")
    shelf.read(b, "Seoul.")
    shelf.read(b, "Busan.")
    assert shelf.held() == {"a.md": ("Seoul.", ["a.md"]), "b.md": ("Busan.", ["b.md"])}


def test_a_file_that_becomes_a_duplicate_drops_its_former_text(shelf, a, b):
    for path, text in ((a, "Seoul."), (b, "Busan.")):
        path.touch()
        shelf.read(path, text)
    outcome = shelf.read(b, "Seoul.")
    assert outcome.duplicate.article_id == "a.md"
    assert shelf.held() == {"a.md": ("Seoul.", ["a.md", "b.md"])}


def test_a_second_file_of_the_same_name_gets_a_hash_of_its_path(shelf, tmp_path):
    shelf.read(tmp_path / "x" / "a.md", "Seoul.")
    shelf.read(tmp_path / "y" / "a.md", "Busan.")
    assert re.fullmatch(r"a\.md~[0-9a-f]{8}", shelf.id_at(tmp_path / "y" / "a.md"))


def test_ids_differ_even_when_hashes_begin_alike(shelf, tmp_path):
    path = tmp_path / "z" / "a.md"
    digest = hashlib.sha256(str(path).encode()).hexdigest()
    shelf.read(tmp_path / "x" / "a.md", "Seoul.")
    shelf.read(tmp_path / "y" / f"a.md~{digest[:8]}", "Busan.")
    shelf.read(path, "Jeju.")
    assert shelf.id_at(path) == f"a.md~{digest[:9]}"


def test_a_decomposed_name_is_composed(shelf, tmp_path):
    shelf.read(tmp_path / "cafe\u0301.md", "Seoul.")
    assert set(shelf.held()) == {"café.md"}


def test_missing_files_are_looked_for_in_the_given_folders_only(shelf, tmp_path):
    for folder in ("x", "y"):
        shelf.read(tmp_path / folder / f"{folder}.md", f"Seoul {folder}.")
    (tmp_path / "x").mkdir()
    assert shelf.state.missing_places([tmp_path / "x"], ()) == {"x.md": [str(tmp_path / "x" / "x.md")]}
    assert set(shelf.state.missing_places([tmp_path], ())) == {"x.md", "y.md"}


def test_leaving_the_only_path_removes_the_article(shelf, a):
    shelf.read(a, "Seoul.")
    shelf.leave(a)
    assert shelf.held() == {}


def test_leaving_one_of_two_paths_renames_the_article(shelf, a, b):
    a.touch()
    shelf.read(a, "Seoul.")
    shelf.read(b, "Seoul.")
    shelf.leave(a)
    assert shelf.state.places_to_read() == [str(b)]
    assert shelf.held() == {"b.md": ("Seoul.", ["b.md"])}


def test_a_path_that_cannot_be_examined_is_not_gone(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "unmounted").symlink_to(tmp_path / "disk")
    assert is_gone(str(tmp_path))  # a folder stands where the file was
    assert not is_gone(str(tmp_path / "unmounted" / "a.md"))
    assert is_gone(str(tmp_path / "nothing"))
    assert is_gone(str(tmp_path / "file" / "below"))
    assert not is_gone(str(tmp_path / "file"))
    assert not is_gone("a\0b")


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.sampled_from(["x", "y", "z"])), max_size=6))
def test_the_index_holds_exactly_the_files_of_the_folder(tmp_path_factory, states):
    """Each state of the folder is read completely, in the order of names, and then missing files are removed."""
    folder = tmp_path_factory.mktemp("folder")
    shelf = Shelf()
    for state in states:
        for path in folder.iterdir():
            path.unlink()
        for name in state:
            (folder / name).touch()
        for name, text in sorted(state.items()):
            shelf.read(folder / name, text)
        shelf.leave(*(place for places in shelf.state.missing_places([folder], ()).values() for place in places))
        texts = {text: sorted(name for name in state if state[name] == text) for text in state.values()}
        held = shelf.held().values()
        assert {text: sorted(places) for text, places in held} == texts
        for article_id, (_, places) in shelf.held().items():
            assert article_id == places[0]
            assert shelf.id_at(folder / places[0]) == article_id
