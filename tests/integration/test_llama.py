"""AskSeoul's parts in LlamaIndex, each used as a LlamaIndex user would."""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
import subprocess
import sys
import threading
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llama_index.core import Document, VectorStoreIndex
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.instrumentation import get_dispatcher
from llama_index.core.instrumentation.event_handlers import BaseEventHandler
from llama_index.core.llms import ChatMessage, MessageRole
from llama_index.core.schema import MetadataMode
from llama_index.vector_stores.chroma import ChromaVectorStore

from askseoul import AskSeoul
from askseoul.domain import as_json
from askseoul.errors import QuestionInvalid
from askseoul.llama import AskSeoulEmbedding, AskSeoulQueryEngine, AskSeoulRetriever, LocalLLM, PassageParser
from askseoul.models.generator import LocalGenerator

ROOT = Path(__file__).parents[2]
ARTICLES = ROOT / "index" / "articles"
QUESTION = "How many US troops are stationed in South Korea?"
UNANSWERABLE = "What does a ticket to the zoo of Wuppertal cost?"


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    def refuse(*_):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


@pytest.fixture
def events():
    """The names of the events that LlamaIndex's dispatcher is told of."""
    seen = []

    class Handler(BaseEventHandler):
        def handle(self, event, **_):
            seen.append(type(event).__name__)

    root = get_dispatcher()
    handler = Handler()
    root.add_event_handler(handler)
    yield seen
    root.event_handlers.remove(handler)


def in_a_loop(coroutine_function):
    """What a coroutine gives that leaves its work to a thread, so that the event loop goes on."""
    started = []

    class Threads(ThreadPoolExecutor):
        def submit(self, function, /, *arguments, **options):
            started.append(function)
            return super().submit(function, *arguments, **options)

    async def run():
        asyncio.get_running_loop().set_default_executor(Threads())
        return await coroutine_function()

    given = asyncio.run(run())
    assert started
    return given


# Embedding


def test_the_embedding_gives_the_encoders_vectors(app):
    embedding = AskSeoulEmbedding(app.encoder)
    texts = ["Seoul", "서울의 봄 🙂"]
    expected = [encoding.vector.tolist() for encoding in app.encoder.encode_document(texts)]
    assert embedding.get_text_embedding_batch(texts) == expected
    assert embedding.get_text_embedding("Seoul") == expected[0]
    assert embedding.get_query_embedding("Seoul") == app.encoder.encode_query(["Seoul"])[0].vector.tolist()
    assert in_a_loop(lambda: embedding.aget_text_embedding_batch(texts)) == expected
    assert in_a_loop(lambda: embedding.aget_text_embedding("Seoul")) == expected[0]
    assert in_a_loop(lambda: embedding.aget_query_embedding("Seoul")) == embedding.get_query_embedding("Seoul")


def test_the_embedding_names_its_model_and_what_it_computes_with(app):
    shown = AskSeoulEmbedding(app.encoder).to_dict()
    assert (shown["class_name"], shown["model_name"]) == ("AskSeoulEmbedding", "all-MiniLM-L6-v2")
    assert shown["fingerprint"] == app.encoder.fingerprint


# Node parser


AWKWARD = {
    "Hangul and emoji": "서울은 수도이다. 인구는 940만 명이다 🙂. " * 30,
    "CRLF": "# Title\r\n\r\nFirst line.\r\nSecond line.\r\n" * 40,
    "right to left": "القاهرة عاصمة مصر. " * 60,
    "combining marks": unicodedata.normalize("NFD", "Café à Séoul. ") * 60,
    "repeated text": "Yes. " * 400,
    "a part of a former passage": "The end is near. "
    + "Nothing happened on that day in the city. " * 40
    + "The end is near.",
    "one long word": "x" * 5000,
    "blank": " \n\t ",
    "empty": "",
}


@pytest.mark.parametrize("text", AWKWARD.values(), ids=AWKWARD)
def test_a_node_is_where_it_says(app, text):
    nodes = PassageParser(app.encoder).get_nodes_from_documents([Document(text=text, id_="a.md")])
    assert [text[node.start_char_idx : node.end_char_idx] for node in nodes] == [node.text for node in nodes]
    ends = [0] + [node.end_char_idx for node in nodes]
    assert all(end <= node.start_char_idx for end, node in zip(ends, nodes, strict=False))
    assert "".join("".join(node.text for node in nodes).split()) == "".join(text.split())
    assert all(len(app.encoder.token_offsets(node.text)) <= 150 for node in nodes)


@given(text=st.lists(st.sampled_from(["Yes.", "No one came. ", "서울. ", "\r\n\r\n", "# ", "a ", "🙂"])).map("".join))
def test_whatever_the_text_a_node_is_where_it_says(app, text):
    nodes = PassageParser(app.encoder, maximum_tokens=8).get_nodes_from_documents([Document(text=text)])
    assert [text[node.start_char_idx : node.end_char_idx] for node in nodes] == [node.text for node in nodes]


def test_nodes_are_the_passages_of_the_index(app):
    documents = [Document(text=app.article(held.id).text, id_=held.id) for held in app.articles()]
    nodes = PassageParser(app.encoder).get_nodes_from_documents(documents)
    held = app.store.collection().get()
    assert {node.node_id: node.text for node in nodes} == dict(zip(held["ids"], held["documents"], strict=True))


def test_nodes_know_their_document_and_their_neighbours(app):
    document = Document(
        text="One thing. " * 200, id_="a.md", metadata={"title": "A"}, excluded_llm_metadata_keys=["title"]
    )
    parser = PassageParser(app.encoder)
    nodes = parser.get_nodes_from_documents([document])
    assert len(nodes) > 2
    assert {node.ref_doc_id for node in nodes} == {"a.md"}
    assert nodes[0].next_node.node_id == nodes[1].node_id
    assert nodes[1].metadata == {"title": "A"}
    assert nodes[1].get_content(MetadataMode.LLM) == nodes[1].text
    assert nodes[1].node_id == f"a.md:{nodes[1].start_char_idx}-{nodes[1].end_char_idx}"
    assert parser.get_nodes_from_documents([document]) == nodes
    assert in_a_loop(lambda: parser.aget_nodes_from_documents([document])) == nodes


def test_parser_and_embedding_work_in_an_ingestion_pipeline(app):
    pipeline = IngestionPipeline(transformations=[PassageParser(app.encoder), AskSeoulEmbedding(app.encoder)])
    (node,) = pipeline.run(documents=[Document(text="Seoul watched.")])
    assert len(node.embedding) == app.encoder.dimension


# Retriever


def test_the_retriever_gives_the_passages_of_a_search(app, events):
    found = AskSeoulRetriever(app, similarity_top_k=4).retrieve(QUESTION)
    hits = app.search(QUESTION, k=4)
    assert [(each.node.text, each.score) for each in found] == [(hit.passage.text, hit.score) for hit in hits]
    for each, hit in zip(found, hits, strict=True):
        node = each.node
        assert app.article(node.ref_doc_id).text[node.start_char_idx : node.end_char_idx] == node.text
        assert node.metadata["article_id"] == hit.article.id
        assert (node.metadata["title"], node.metadata["source"]) == (hit.article.title, hit.article.source)
        assert node.metadata["published"] == (hit.article.published or "")
    assert events == ["RetrievalStartEvent", "RetrievalEndEvent"]
    assert in_a_loop(lambda: AskSeoulRetriever(app, similarity_top_k=4).aretrieve(QUESTION)) == found


def test_the_chroma_collection_gives_the_same_nodes(app):
    vectors = ChromaVectorStore(chroma_collection=app.store.collection())
    index = VectorStoreIndex.from_vector_store(vectors, embed_model=AskSeoulEmbedding(app.encoder))
    from_chroma = index.as_retriever(similarity_top_k=5).retrieve(QUESTION)
    nearest = app.store.nearest(app.encoder.encode_query([QUESTION])[0].vector, 5)
    assert [each.node_id for each in from_chroma] == [f"{key.article_id}:{key.start}-{key.end}" for key, _ in nearest]
    ours = {each.node_id: each.node for each in AskSeoulRetriever(app, similarity_top_k=50).retrieve(QUESTION)}
    for each in from_chroma:
        assert each.node == ours[each.node_id]


# Query engine


def test_the_query_engine_gives_the_answer_and_its_sources(app, events):
    engine = AskSeoulQueryEngine(app)
    response = engine.query(QUESTION)
    answer = response.metadata["answer"]
    expected = as_json(app.ask(QUESTION))
    assert {**answer, "trace": None} == {**expected, "trace": None}
    assert answer["answered"]
    assert "28,500" in str(response)
    assert str(response) == answer["text"]
    assert len(response.source_nodes) == len(answer["citations"])
    for source, citation in zip(response.source_nodes, answer["citations"], strict=True):
        node = source.node
        assert (node.text, node.start_char_idx, node.end_char_idx) == (
            citation["quote"], citation["start"], citation["end"],
        )  # fmt: skip
        assert app.article(node.ref_doc_id).text[node.start_char_idx : node.end_char_idx] == node.text
    assert events == ["QueryStartEvent", "QueryEndEvent"]
    assert in_a_loop(lambda: engine.aquery(QUESTION)).source_nodes == response.source_nodes


def test_a_refusal_has_no_sources(app):
    response = AskSeoulQueryEngine(app).query(UNANSWERABLE)
    assert response.source_nodes == []
    assert str(response) == response.metadata["answer"]["refusal"]["message"]


def test_what_can_not_be_asked_is_raised(app):
    with pytest.raises(QuestionInvalid):
        AskSeoulQueryEngine(app).query(" ")


# LLM


@pytest.fixture
def asked(monkeypatch):
    """What the generator is asked, and in which thread; it answers without a model."""
    calls = []

    def reply(self, system, user, *, maximum_tokens):
        calls.append((system, user, maximum_tokens, threading.current_thread() is threading.main_thread()))
        return f"to {user}"

    monkeypatch.setattr(LocalGenerator, "reply", reply)
    return calls


SYSTEM = "You are a helpful assistant."
MESSAGES = [ChatMessage(role="system", content="Be short."), ChatMessage(role="user", content="Hello")]


async def gathered(stream):
    return [piece async for piece in await stream]


def test_the_llm_asks_the_generator(asked, events):
    llm = LocalLLM()
    assert llm.complete("Hello").text == "to Hello"
    assert [piece.delta for piece in llm.stream_complete("Hello", max_tokens=5)] == ["to Hello"]
    assert llm.chat(MESSAGES).message == ChatMessage(role=MessageRole.ASSISTANT, content="to Hello")
    assert [piece.delta for piece in llm.stream_chat(MESSAGES)] == ["to Hello"]
    assert asked == [
        (SYSTEM, "Hello", 256, True),
        (SYSTEM, "Hello", 5, True),
        ("Be short.", "Hello", 256, True),
        ("Be short.", "Hello", 256, True),
    ]
    assert {"LLMCompletionStartEvent", "LLMCompletionEndEvent", "LLMChatStartEvent", "LLMChatEndEvent"} <= set(events)


def test_the_llm_leaves_the_event_loop_free(asked):
    llm = LocalLLM(max_tokens=7)
    assert in_a_loop(lambda: llm.acomplete("Hello")).text == "to Hello"
    assert [piece.delta for piece in in_a_loop(lambda: gathered(llm.astream_complete("Hello")))] == ["to Hello"]
    assert in_a_loop(lambda: llm.achat(MESSAGES)).message.content == "to Hello"
    assert [piece.delta for piece in in_a_loop(lambda: gathered(llm.astream_chat(MESSAGES)))] == ["to Hello"]
    assert [(maximum, in_main_thread) for _, _, maximum, in_main_thread in asked] == [(7, False)] * 4


@pytest.mark.parametrize(
    ("messages", "system", "user"),
    [
        ([("user", "Hi")], SYSTEM, "Hi"),
        ([("system", "A."), ("system", "B."), ("user", "Hi")], "A.\nB.", "Hi"),
        ([("user", "Hi"), ("assistant", "Yes?"), ("user", "안녕")], SYSTEM, "user: Hi\nassistant: Yes?\nuser: 안녕"),
    ],
    ids=["no system", "two systems", "several turns"],
)
def test_messages_become_a_system_and_a_user_text(asked, messages, system, user):
    LocalLLM().chat([ChatMessage(role=role, content=content) for role, content in messages])
    assert asked[0][:2] == (system, user)


def test_the_llm_says_what_it_is():
    metadata = LocalLLM(max_tokens=9).metadata
    assert (metadata.model_name, metadata.num_output, metadata.is_chat_model) == ("SmolLM2-135M-Instruct", 9, True)


@pytest.mark.full
def test_the_real_model_replies():
    said = LocalLLM().chat([ChatMessage(content="Write one word about Seoul.")], max_tokens=5)
    assert said.message.content


# The app in docs/python.md


@pytest.mark.full
def test_the_app_in_the_documentation_runs(tmp_path):
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    marked = r"<!-- runs in tests/integration/test_llama.py -->\n```python\n(.*?)```"
    (code,) = re.findall(marked, page, re.DOTALL)
    shutil.copytree(ARTICLES, tmp_path / "index" / "articles")
    with AskSeoul.open(tmp_path / "index", create=True) as made:
        made.index([tmp_path / "index" / "articles"])
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "28,500" in done.stdout
    assert "[1]" in done.stdout
