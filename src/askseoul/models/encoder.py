"""Encoders: texts to vectors, one for the whole text and one for each token, with the characters of each token.

A transformer with mean or CLS pooling is converted once and then runs on OpenVINO; any other model runs through
sentence-transformers. The conversion chooses between the two, and compares the converted model with the original on a
few texts. A converted model needs neither torch nor sentence-transformers: its first vector is there well under a
second after the process starts, while importing sentence-transformers alone takes 4 s.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from askseoul.errors import ModelError
from askseoul.models import weights
from askseoul.models.graph import FloatMatrix, Precision, TransformerGraph, save_graph

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Encoding as TokenizedText


FloatVector: TypeAlias = NDArray[np.float32]
IntMatrix: TypeAlias = NDArray[np.int64]
Task: TypeAlias = Literal["query", "document"]

CACHE_FORMAT: Final = 1
"""Version of the files that a conversion writes to the cache folder."""

MINIMUM_COSINE: Final = 0.9999
"""Cosine that a converted model's vector must reach with the original's, in f32, for every probe."""

PROBES: Final = (
    "Seoul",
    "How many US troops are stationed in South Korea?",
    "Kim İnönü's “Naïve” plan (2.5 %) — postponed until 2031; 서울의 봄, 東京, العربية 🙂 e\u0301",
    "The two governments agreed to share the cost of the joint exercise. " * 60,
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Encoding:
    """The vectors of one text."""

    vector: FloatVector
    """(dimension,): the whole text, of length 1."""
    tokens: FloatMatrix
    """(tokens, width): one contextual vector of length 1 per token, without special and prompt tokens. The width is
    the transformer's hidden size, which for most models equals ``dimension``."""
    offsets: IntMatrix
    """(tokens, 2): start and end of each token in the text's characters, half-open."""


class Encoder(Protocol):
    """Turns texts into vectors. Safe from several threads; the same text always gives the same vectors."""

    @property
    def name(self) -> str:
        """The model's common name."""

    @property
    def fingerprint(self) -> str:
        """sha256 of the model's files and the precision: vectors of different fingerprints can't be compared."""

    @property
    def dimension(self) -> int:
        """Length of every vector."""

    @property
    def maximum_tokens(self) -> int:
        """How many tokens of a text are read, without special tokens and prompts; the rest is ignored."""

    def encode_query(self, texts: Sequence[str]) -> list[Encoding]:
        """Encode questions, with the model's query prompt."""

    def encode_document(self, texts: Sequence[str]) -> list[Encoding]:
        """Encode pieces of articles, with the model's document prompt."""

    def token_offsets(self, text: str) -> IntMatrix:
        """Return the character offsets of a text's tokens, (tokens, 2), without special tokens or a length limit."""


def load_encoder(name: str | None = None, precision: Precision = "auto") -> Encoder:
    """Load the pinned model, or the one that ``name`` names: a folder or a name in the local Hugging Face cache.

    ``f32`` computes in 32 bits everywhere; with ``auto``, OpenVINO uses bf16 where the processor supports it. A model
    is converted when it is first loaded (10 to 20 s) and kept in the user's cache folder. Raises ModelError if the
    model can't be found, differs from the pinned one, or has no token vectors.
    """
    folder = weights.pinned_folder(weights.ENCODER) if name is None else _model_folder(name)
    sha256 = weights.sha256_of_folder(folder)
    converted = weights.converted_folder(f"encoders-{CACHE_FORMAT}", sha256)
    if not converted.is_dir():
        if name is None:
            weights.verify_pinned(weights.ENCODER)
        with weights.atomic_folder(converted) as target:
            _convert(folder, target)
    config = EncoderConfig(**json.loads((converted / "description.json").read_text(encoding="utf-8")))
    tokenizer = Tokenizer(converted / "tokenizer.json", config)
    fingerprint = hashlib.sha256(f"{sha256} {precision}".encode()).hexdigest()
    shown_name = "all-MiniLM-L6-v2" if name is None else Path(name).name
    if config.direct:
        return OpenVINOEncoder(shown_name, fingerprint, tokenizer, converted / "model.xml", precision)
    return SentenceTransformersEncoder(shown_name, fingerprint, tokenizer, _sentence_transformer(folder))


@dataclass(frozen=True, slots=True)
class EncoderConfig:
    """Properties of a converted model, kept in ``description.json`` beside its graph and its tokenizer."""

    dimension: int
    maximum_length: int
    """How many tokens the model reads, special tokens and prompts included."""
    prompts: Mapping[Task, str]
    """The text to put before a query or a document."""
    pooling: str
    direct: bool
    """Whether the model runs on OpenVINO; otherwise it runs on sentence-transformers."""


class Tokenizer:
    """A model's tokenizer with the model's prompts and length limit."""

    def __init__(self, tokenizer_file: Path, config: EncoderConfig) -> None:
        from tokenizers import Tokenizer

        self.config = config
        self._tokenizer = Tokenizer.from_file(str(tokenizer_file))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._maximum_length = config.maximum_length - self._tokenizer.num_special_tokens_to_add(is_pair=False)
        self.maximum_tokens = self._maximum_length - max(
            len(self.offsets(prompt)) for prompt in config.prompts.values()
        )

    def offsets(self, text: str) -> IntMatrix:
        """Return the character offsets of all tokens of a text, (tokens, 2), without special tokens."""
        tokenized = self._tokenizer.encode(text, add_special_tokens=False)
        return np.array(tokenized.offsets, dtype=np.int64).reshape(-1, 2)

    def tokenize(self, task: Task, texts: Sequence[str]) -> list[TokenizedText]:
        """Tokenize each text after its prompt, with special tokens, truncated to the model's limit."""
        prompted = [self.config.prompts[task] + text for text in texts]
        tokenized = list(self._tokenizer.encode_batch(prompted))
        for position, encoding in enumerate(tokenized):
            if len(encoding.ids) > self.config.maximum_length:
                truncated = self._tokenizer.encode(prompted[position], add_special_tokens=False)
                truncated.truncate(self._maximum_length)
                tokenized[position] = self._tokenizer.post_process(truncated)
        return tokenized

    def text_tokens(self, task: Task, tokenized: TokenizedText) -> tuple[NDArray[np.bool_], IntMatrix]:
        """Return a mask (tokens,) that leaves out special and prompt tokens, and the offsets of the others, (n, 2)."""
        offsets = np.array(tokenized.offsets, dtype=np.int64).reshape(-1, 2)
        offsets = offsets - len(self.config.prompts[task])
        mask = (np.array(tokenized.special_tokens_mask) == 0) & (offsets[:, 1] > 0)
        return mask, np.maximum(offsets[mask], 0)


class _BaseEncoder(ABC):
    """The part of an Encoder that does not depend on how the model runs."""

    def __init__(self, name: str, fingerprint: str, tokenizer: Tokenizer) -> None:
        self.name = name
        self.fingerprint = fingerprint
        self.dimension = tokenizer.config.dimension
        self.maximum_tokens = tokenizer.maximum_tokens
        self._tokenizer = tokenizer

    def encode_query(self, texts: Sequence[str]) -> list[Encoding]:
        return self._encode("query", texts)

    def encode_document(self, texts: Sequence[str]) -> list[Encoding]:
        return self._encode("document", texts)

    def token_offsets(self, text: str) -> IntMatrix:
        return self._tokenizer.offsets(text)

    @abstractmethod
    def _encode(self, task: Task, texts: Sequence[str]) -> list[Encoding]:
        """Encode texts with the prompt of this task."""

    def _encoding(self, task: Task, tokenized: TokenizedText, vector: FloatVector, rows: FloatMatrix) -> Encoding:
        mask, offsets = self._tokenizer.text_tokens(task, tokenized)
        return Encoding(_normalize(vector), _normalize(rows[mask]), offsets)


class OpenVINOEncoder(_BaseEncoder):
    """A transformer with mean or CLS pooling, on OpenVINO: a text's vectors do not depend on the other texts."""

    def __init__(self, name: str, fingerprint: str, tokenizer: Tokenizer, graph: Path, precision: Precision) -> None:
        super().__init__(name, fingerprint, tokenizer)
        self._graph = TransformerGraph(graph, graph.parent / "compiled", precision)

    def _encode(self, task: Task, texts: Sequence[str]) -> list[Encoding]:
        tokenized = self._tokenizer.tokenize(task, texts)
        encodings: dict[int, Encoding] = {}
        for position, rows in self._graph.vectors([encoding.ids for encoding in tokenized]):
            vector = rows[0] if self._tokenizer.config.pooling == "cls" else rows.mean(axis=0)
            encodings[position] = self._encoding(task, tokenized[position], vector, rows)
        return [encodings[position] for position in range(len(tokenized))]


class SentenceTransformersEncoder(_BaseEncoder):
    """Any other model that sentence-transformers can load, if it has token vectors and a fast tokenizer."""

    def __init__(self, name: str, fingerprint: str, tokenizer: Tokenizer, model: SentenceTransformer) -> None:
        super().__init__(name, fingerprint, tokenizer)
        self._model = model

    def _encode(self, task: Task, texts: Sequence[str]) -> list[Encoding]:
        encode: Callable[..., Any] = self._model.encode_query if task == "query" else self._model.encode_document
        encodings = []
        for text, tokenized in zip(texts, self._tokenizer.tokenize(task, texts), strict=True):
            # One by one: with padding, a text's vectors would depend on the other texts of its batch.
            outputs = encode([text], output_value=None, show_progress_bar=False)[0]
            vector = outputs["sentence_embedding"].float().cpu().numpy()
            rows = outputs["token_embeddings"].float().cpu().numpy()
            encodings.append(self._encoding(task, tokenized, vector, rows))
        return encodings


def _normalize(vectors: FloatMatrix) -> FloatMatrix:
    """Scale vectors to length 1 along the last axis."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    normalized: FloatMatrix = (vectors / np.maximum(lengths, np.finfo(np.float32).tiny)).astype(np.float32)
    return normalized


def _model_folder(name: str) -> Path:
    if Path(name).is_dir():
        return Path(name)
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (HFValidationError, LocalEntryNotFoundError) as error:
        raise ModelError(
            f"There is no model {name!r}: it is neither a folder nor in the local Hugging Face cache. "
            f"AskSeoul downloads no models; run `hf download {name}` first, or name a folder."
        ) from error


def _sentence_transformer(folder: Path) -> SentenceTransformer:
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    # Its messages while a model loads are of no use to our users.
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(
            f"sentence-transformers can't load {folder} ({error}): name a folder saved by sentence-transformers."
        ) from error


def _convert(folder: Path, target: Path) -> None:
    """Write the model's EncoderConfig, tokenizer and, if it can run on OpenVINO, graph to ``target``."""
    model = _sentence_transformer(folder)
    tokenizer = getattr(model.tokenizer, "backend_tokenizer", None)
    if tokenizer is None or model.max_seq_length is None:
        raise ModelError(f"The model {folder} gives no token vectors: choose a transformer model.")
    pooling = _direct_pooling(model)
    config = EncoderConfig(
        dimension=model.get_embedding_dimension() or 0,
        maximum_length=model.max_seq_length,
        prompts={"query": _prompt(model, "query"), "document": _prompt(model, "document", "passage", "corpus")},
        pooling=pooling or "",
        direct=pooling is not None,
    )
    tokenizer.save(str(target / "tokenizer.json"))
    if config.direct:
        save_graph(model[0].auto_model, target / "model.xml")
        cosine = _lowest_cosine(model, Tokenizer(target / "tokenizer.json", config), target / "model.xml")
        if cosine < MINIMUM_COSINE:
            logger.warning("%s differs on OpenVINO (cosine %.6f), so it runs on torch, slower.", folder, cosine)
            config = replace(config, direct=False)
    (target / "description.json").write_text(json.dumps(asdict(config), indent=1), encoding="utf-8")


def _prompt(model: SentenceTransformer, *names: str) -> str:
    """Return the first of these prompts that the model has, else its default prompt, else an empty string."""
    saved = [model.prompts[name] for name in names if name in model.prompts]
    return (saved[0] if saved else model.prompts.get(model.default_prompt_name or "")) or ""


def _direct_pooling(model: SentenceTransformer) -> str | None:
    """Return ``mean`` or ``cls`` for a transformer with that pooling and optional normalisation, else None."""
    kinds = [type(module).__name__ for module in model]
    if kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        return None
    transformer, pooling = model[0], model[1]
    lengths_differ = transformer.query_length is not None or transformer.document_length is not None
    if pooling.pooling_mode not in ("mean", "cls") or not pooling.include_prompt or lengths_differ:
        return None
    return str(pooling.pooling_mode)


def _lowest_cosine(model: SentenceTransformer, tokenizer: Tokenizer, graph: Path) -> float:
    """Return the lowest cosine over the probes between the vectors of the graph and those of the original model."""
    converted = OpenVINOEncoder("graph", "", tokenizer, graph, "f32")
    original = SentenceTransformersEncoder("original", "", tokenizer, model)
    ours = converted.encode_query(PROBES) + converted.encode_document(PROBES)
    theirs = original.encode_query(PROBES) + original.encode_document(PROBES)
    shutil.rmtree(graph.parent / "compiled")  # OpenVINO's cache is keyed by the graph's path, which changes now
    return min(float(our.vector @ their.vector) for our, their in zip(ours, theirs, strict=True))
