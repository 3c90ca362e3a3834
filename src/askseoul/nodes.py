"""A passage as it stands in Chroma: what LlamaIndex's ``ChromaVectorStore`` (0.6.0) writes for a node of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass

from askseoul.domain import Article, Passage, PassageKey
from askseoul.encoders import FloatVector


@dataclass(frozen=True, slots=True)
class Record:
    """A passage as it goes into the collection; ``vector`` has shape (dimension,)."""

    article: Article
    passage: Passage
    vector: FloatVector


def identifier(passage: Passage) -> str:
    """What names the passage in the collection."""
    return f"{passage.article_id}:{passage.start}-{passage.end}"


def key_of(identifier: str) -> PassageKey:
    """The passage that is named so."""
    article_id, _, span = identifier.rpartition(":")
    start, _, end = span.partition("-")
    return PassageKey(article_id, int(start), int(end))


def metadata(article: Article, passage: Passage) -> dict[str, str | int]:
    """Give what LlamaIndex's ``node_to_metadata_dict`` gives for a ``TextNode`` of this passage, without defaults."""
    own: dict[str, str | int] = {
        "article_id": article.id,
        "title": article.title,
        "source": article.source or "",
        "published": article.published or "",
        "start": passage.start,
        "end": passage.end,
    }
    pointers = ["article_id", "start", "end"]  # of no use to an embedding or to an LLM
    node = {
        "id_": identifier(passage),
        "metadata": own,
        "excluded_embed_metadata_keys": pointers,
        "excluded_llm_metadata_keys": pointers,
        "relationships": {"1": {"node_id": article.id, "class_name": "RelatedNodeInfo"}},  # "1" is its source
        "text": "",
        "start_char_idx": passage.start,
        "end_char_idx": passage.end,
        "class_name": "TextNode",
    }
    return {
        **own,
        "_node_content": json.dumps(node, ensure_ascii=False),
        "_node_type": "TextNode",
        "document_id": article.id,
        "doc_id": article.id,
        "ref_doc_id": article.id,
    }
