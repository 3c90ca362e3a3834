"""AskSeoul in LlamaIndex: an embedding, a node parser, a retriever, a query engine and an LLM.

Each takes its encoder or index as an argument: none falls back on LlamaIndex's ``Settings``, which default to OpenAI.
Async methods run the model and the index in a thread, so they don't block the event loop.
"""

# ruff: noqa: ANN401 -- the methods of LlamaIndex take any options.

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from typing import Any

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.embeddings.base import BaseEmbedding, Embedding
from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    ChatResponseAsyncGen,
    ChatResponseGen,
    CompletionResponse,
    CompletionResponseAsyncGen,
    CompletionResponseGen,
    LLMMetadata,
    MessageRole,
)
from llama_index.core.base.response.schema import Response
from llama_index.core.bridge.pydantic import Field, PrivateAttr
from llama_index.core.llms.callbacks import llm_chat_callback, llm_completion_callback
from llama_index.core.llms.custom import CustomLLM
from llama_index.core.node_parser import NodeParser
from llama_index.core.prompts.mixin import PromptMixinType
from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import (
    BaseNode,
    Document,
    MetadataMode,
    NodeRelationship,
    NodeWithScore,
    QueryBundle,
    RelatedNodeInfo,
    TextNode,
)

from askseoul.domain import Answer, Article, Citation, as_json
from askseoul.ingest.passages import split_passages
from askseoul.models.encoder import Encoder
from askseoul.models.generator import LocalGenerator
from askseoul.pipeline import AskSeoul

_POINTERS = ["article_id", "start", "end"]
"""Metadata keys that embeddings and LLMs do not see."""


class AskSeoulEmbedding(BaseEmbedding):
    """Vectors of an ``Encoder``, each of length 1. With ``app.encoder`` they are those of the index."""

    fingerprint: str = Field(default="", description="Changes whenever the vectors may change, so that caches miss.")
    _encoder: Encoder = PrivateAttr()

    def __init__(self, encoder: Encoder, **options: Any) -> None:
        super().__init__(model_name=encoder.name, **options)
        self.fingerprint = encoder.fingerprint
        self._encoder = encoder

    @classmethod
    def class_name(cls) -> str:
        """Name of the class in LlamaIndex."""
        return "AskSeoulEmbedding"

    def _get_query_embedding(self, query: str) -> Embedding:
        embedding: Embedding = self._encoder.encode_query([query])[0].vector.tolist()
        return embedding

    def _get_text_embedding(self, text: str) -> Embedding:
        return self._get_text_embeddings([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[Embedding]:
        return [encoding.vector.tolist() for encoding in self._encoder.encode_document(texts)]

    async def _aget_query_embedding(self, query: str) -> Embedding:
        return await asyncio.to_thread(self._get_query_embedding, query)

    async def _aget_text_embedding(self, text: str) -> Embedding:
        return await asyncio.to_thread(self._get_text_embedding, text)

    async def _aget_text_embeddings(self, texts: list[str]) -> list[Embedding]:
        return await asyncio.to_thread(self._get_text_embeddings, texts)


class PassageParser(NodeParser):
    """Splits documents into passages as AskSeoul does: whole sentences, no longer than the encoder reads.

    ``document.text[node.start_char_idx : node.end_char_idx] == node.text`` for every node. A node's id is made of the
    document's id and these offsets, so parsing again gives the same nodes. The text is not changed: to get the offsets
    of AskSeoul's citations, pass it through ``nlp.text.canonical_text`` first.
    """

    maximum_tokens: int = Field(default=150, description="Maximum tokens of the encoder per node.", gt=0)
    _encoder: Encoder = PrivateAttr()

    def __init__(self, encoder: Encoder, **options: Any) -> None:
        super().__init__(**options)
        self._encoder = encoder

    @classmethod
    def class_name(cls) -> str:
        """Name of the class in LlamaIndex."""
        return "PassageParser"

    def _parse_nodes(self, nodes: Sequence[BaseNode], show_progress: bool = False, **_: Any) -> list[BaseNode]:
        return [passage for node in nodes for passage in self._passages(node)]

    async def _aparse_nodes(self, nodes: Sequence[BaseNode], show_progress: bool = False, **_: Any) -> list[BaseNode]:
        return await asyncio.to_thread(self._parse_nodes, nodes)

    def _postprocess_parsed_nodes(self, nodes: list[BaseNode], parent_doc_map: dict[str, Document]) -> list[BaseNode]:
        """Keep our offsets: LlamaIndex searches for each text, and may find a repeated one elsewhere."""
        exact = [(node.start_char_idx, node.end_char_idx) for node in nodes if isinstance(node, TextNode)]
        finished = super()._postprocess_parsed_nodes(nodes, parent_doc_map)
        for node, (start, end) in zip(finished, exact, strict=True):
            assert isinstance(node, TextNode)
            node.start_char_idx, node.end_char_idx = start, end
        return finished

    def _passages(self, node: BaseNode) -> list[BaseNode]:
        text = node.get_content(metadata_mode=MetadataMode.NONE)
        article = Article(
            id=node.node_id,
            text=text,
            sha256=hashlib.sha256(text.encode()).hexdigest(),
            title="",
            source=None,
            published=None,
            url=None,
            language="",
            places=(),
        )
        source = node.as_related_node_info()
        return [
            TextNode(
                id_=f"{node.node_id}:{passage.start}-{passage.end}",
                text=passage.text,
                start_char_idx=passage.start,
                end_char_idx=passage.end,
                excluded_embed_metadata_keys=node.excluded_embed_metadata_keys,
                excluded_llm_metadata_keys=node.excluded_llm_metadata_keys,
                relationships={NodeRelationship.SOURCE: source},
            )
            for passage in split_passages(article, self._encoder.token_offsets, self.maximum_tokens)
        ]


class AskSeoulRetriever(BaseRetriever):
    """AskSeoul's hybrid search: dense, BM25 and late interaction. Scores are comparable only within one search."""

    def __init__(self, app: AskSeoul, similarity_top_k: int = 10) -> None:
        super().__init__()
        self._app = app
        self._count = similarity_top_k

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return [
            NodeWithScore(
                node=_node(hit.article, hit.article.id, hit.passage.start, hit.passage.end, hit.passage.text),
                score=hit.score,
            )
            for hit in self._app.search(query_bundle.query_str, k=self._count)
        ]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await asyncio.to_thread(self._retrieve, query_bundle)


class AskSeoulQueryEngine(BaseQueryEngine):
    """Answers questions with AskSeoul's checked answers.

    The response has the answer's text. Its ``source_nodes`` are the citations in the order of their numbers (none for a
    refusal), and ``metadata["answer"]`` is the answer as ``askseoul ask --json`` prints it.
    """

    def __init__(self, app: AskSeoul) -> None:
        super().__init__(callback_manager=None)
        self._app = app

    def _query(self, query_bundle: QueryBundle) -> Response:
        return _response(self._app.ask(query_bundle.query_str))

    async def _aquery(self, query_bundle: QueryBundle) -> Response:
        return await asyncio.to_thread(self._query, query_bundle)

    def _get_prompt_modules(self) -> PromptMixinType:
        return {}


class LocalLLM(CustomLLM):
    """SmolLM2-135M-Instruct on this machine, with greedy decoding. A streamed reply comes in one piece.

    System messages become the system prompt; several turns become one text with a line for each. Raises GeneratorError.
    """

    max_tokens: int = Field(
        default=256, description="Maximum tokens of a reply; the keyword max_tokens overrides it.", gt=0
    )
    _generator: LocalGenerator = PrivateAttr(default_factory=LocalGenerator)

    @classmethod
    def class_name(cls) -> str:
        """Name of the class in LlamaIndex."""
        return "LocalLLM"

    @property
    def metadata(self) -> LLMMetadata:
        """The context window and the maximum length of a reply in tokens, and the name of the model."""
        return LLMMetadata(
            context_window=8192, num_output=self.max_tokens, is_chat_model=True, model_name=self._generator.name
        )

    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **options: Any) -> CompletionResponse:
        """The reply to this prompt, in the chat template of the model."""
        return self._completion(prompt, options)

    @llm_completion_callback()
    def stream_complete(self, prompt: str, formatted: bool = False, **options: Any) -> CompletionResponseGen:
        """The reply, in one piece."""
        yield self._completion(prompt, options)

    @llm_completion_callback()
    async def acomplete(self, prompt: str, formatted: bool = False, **options: Any) -> CompletionResponse:
        """The reply, from a thread."""
        return await asyncio.to_thread(self._completion, prompt, options)

    @llm_completion_callback()
    async def astream_complete(
        self, prompt: str, formatted: bool = False, **options: Any
    ) -> CompletionResponseAsyncGen:
        """The reply, in one piece, from a thread."""

        async def pieces() -> CompletionResponseAsyncGen:
            yield await asyncio.to_thread(self._completion, prompt, options)

        return pieces()

    @llm_chat_callback()
    def chat(self, messages: Sequence[ChatMessage], **options: Any) -> ChatResponse:
        """The reply to these messages."""
        return self._turn(messages, options)

    @llm_chat_callback()
    def stream_chat(self, messages: Sequence[ChatMessage], **options: Any) -> ChatResponseGen:
        """The reply, in one piece."""
        yield self._turn(messages, options)

    @llm_chat_callback()
    async def achat(self, messages: Sequence[ChatMessage], **options: Any) -> ChatResponse:
        """The reply, from a thread."""
        return await asyncio.to_thread(self._turn, messages, options)

    @llm_chat_callback()
    async def astream_chat(self, messages: Sequence[ChatMessage], **options: Any) -> ChatResponseAsyncGen:
        """The reply, in one piece, from a thread."""

        async def pieces() -> ChatResponseAsyncGen:
            yield await asyncio.to_thread(self._turn, messages, options)

        return pieces()

    def _completion(self, prompt: str, options: dict[str, Any]) -> CompletionResponse:
        text = self._reply([ChatMessage(content=prompt)], options)
        return CompletionResponse(text=text, delta=text)

    def _turn(self, messages: Sequence[ChatMessage], options: dict[str, Any]) -> ChatResponse:
        text = self._reply(messages, options)
        return ChatResponse(message=ChatMessage(role=MessageRole.ASSISTANT, content=text), delta=text)

    def _reply(self, messages: Sequence[ChatMessage], options: dict[str, Any]) -> str:
        system = [message.content or "" for message in messages if message.role == MessageRole.SYSTEM]
        turns = [message for message in messages if message.role != MessageRole.SYSTEM]
        user = "\n".join(f"{turn.role.value}: {turn.content or ''}" for turn in turns)
        return "".join(
            self._generator.reply(
                "\n".join(system) or self.system_prompt or "You are a helpful assistant.",
                (turns[0].content or "") if len(turns) == 1 else user,
                maximum_tokens=options.get("max_tokens", self.max_tokens),
            )
        )


def _response(answer: Answer) -> Response:
    return Response(
        answer.text,
        source_nodes=[
            NodeWithScore(node=_node(citation, citation.article_id, citation.start, citation.end, citation.quote))
            for citation in answer.citations
        ],
        metadata={"answer": as_json(answer)},
    )


def _node(article: Article | Citation, article_id: str, start: int, end: int, text: str) -> TextNode:
    """A span of an article, as LlamaIndex reads it from the index's Chroma collection."""
    return TextNode(
        id_=f"{article_id}:{start}-{end}",
        text=text,
        start_char_idx=start,
        end_char_idx=end,
        metadata={
            "article_id": article_id,
            "title": article.title,
            "source": article.source or "",
            "published": article.published or "",
            "start": start,
            "end": end,
        },
        excluded_embed_metadata_keys=_POINTERS,
        excluded_llm_metadata_keys=_POINTERS,
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=article_id)},
    )
