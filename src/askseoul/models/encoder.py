"""Texts into token numbers, with the characters that each token stands for.

Texts into vectors: one for the whole text, and one for each of its tokens.

A model that is a transformer with mean or CLS pooling is converted once and runs on OpenVINO; any other model runs
through sentence-transformers itself. The conversion decides between the two, and proves the first on a few texts. It
needs neither torch nor sentence-transformers once the conversion is there: the first vector comes well under a second
after a process starts, where importing sentence-transformers alone takes 4 s.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import warnings
from abc import ABC, abstractmethod
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from askseoul.errors import ModelError
from askseoul.models import weights

if TYPE_CHECKING:
    from openvino import InferRequest
    from sentence_transformers import SentenceTransformer
    from tokenizers import Encoding as TokenizedText


IntMatrix: TypeAlias = NDArray[np.int64]
Task: TypeAlias = Literal["query", "document"]


@dataclass(frozen=True, slots=True)
class Description:
    """What has to be known of a converted model, beside its graph and its tokenizer."""

    dimension: int
    maximum_length: int
    """Tokens that the model reads, special tokens and prompts included."""
    prompts: Mapping[Task, str]
    """What the model wants to see before a text."""
    pooling: str
    direct: bool
    """Whether the model runs on OpenVINO; when False, sentence-transformers runs it."""


class Tokenizer:
    """A model's tokenizer, its prompts and its limit: what every way of running a model reads texts with."""

    def __init__(self, tokenizer_file: Path, description: Description) -> None:
        from tokenizers import Tokenizer

        self.description = description
        self._tokenizer = Tokenizer.from_file(str(tokenizer_file))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._room = description.maximum_length - self._tokenizer.num_special_tokens_to_add(is_pair=False)
        self.maximum_tokens = self._room - max(len(self.offsets(prompt)) for prompt in description.prompts.values())

    def offsets(self, text: str) -> IntMatrix:
        """(tokens, 2): the characters of every token of a text of any length; no special tokens."""
        tokenized = self._tokenizer.encode(text, add_special_tokens=False)
        return np.array(tokenized.offsets, dtype=np.int64).reshape(-1, 2)

    def tokenize(self, task: Task, texts: Sequence[str]) -> list[TokenizedText]:
        """Each text after its prompt, with special tokens, cut where the model stops reading."""
        prompted = [self.description.prompts[task] + text for text in texts]
        tokenized = list(self._tokenizer.encode_batch(prompted))
        for position, encoding in enumerate(tokenized):
            if len(encoding.ids) > self.description.maximum_length:
                cut = self._tokenizer.encode(prompted[position], add_special_tokens=False)
                cut.truncate(self._room)
                tokenized[position] = self._tokenizer.post_process(cut)
        return tokenized

    def own_tokens(self, task: Task, tokenized: TokenizedText) -> tuple[NDArray[np.bool_], IntMatrix]:
        """Which of the tokens are the text's own, neither special nor the prompt's, and the characters of those."""
        offsets = np.array(tokenized.offsets, dtype=np.int64).reshape(-1, 2)
        offsets = offsets - len(self.description.prompts[task])
        own = (np.array(tokenized.special_tokens_mask) == 0) & (offsets[:, 1] > 0)
        return own, np.maximum(offsets[own], 0)


logger = logging.getLogger(__name__)

FloatVector: TypeAlias = NDArray[np.float32]
FloatMatrix: TypeAlias = NDArray[np.float32]
Precision: TypeAlias = Literal["auto", "f32"]

FORMAT: Final = 1
"""Version of what a conversion leaves in the cache folder."""

AGREEMENT: Final = 0.9999
"""Cosine that a converted model must reach with sentence-transformers' own vectors, in f32, on every probe."""

BATCH_TOKENS: Final = 256
"""Tokens that one inference reads at most, unless a single text has more. Texts of 40 tokens are read 20 % faster
together than one by one, texts of 140 tokens are not (two AVX2 cores)."""

PROBES: Final = (
    "Seoul",
    "How many US troops are stationed in South Korea?",
    "Kim İnönü's “Naïve” plan (2.5 %) — postponed until 2031; 서울의 봄, 東京, العربية 🙂 e\u0301",
    "The two governments agreed to share the cost of the joint exercise. " * 60,
)


@dataclass(frozen=True, slots=True)
class Encoding:
    """What a model makes of one text."""

    vector: FloatVector
    """(dimension,): the whole text, of length 1."""
    tokens: FloatMatrix
    """(tokens, width): each token in its context, each row of length 1; special and prompt tokens are left out.
    The width is that of the transformer, which for most models is the vector's dimension."""
    offsets: IntMatrix
    """(tokens, 2): the characters of the text that each token stands for, half-open."""


class Encoder(Protocol):
    """Turns texts into vectors. Safe to use from several threads; the same text always gives the same vectors."""

    @property
    def name(self) -> str:
        """The model as people call it."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever the vectors could: sha256 of the model's files and the precision."""

    @property
    def dimension(self) -> int:
        """Length of every vector."""

    @property
    def maximum_tokens(self) -> int:
        """How many tokens of a text are read, special tokens and prompts not counted; what follows is ignored."""

    def encode_query(self, texts: Sequence[str]) -> list[Encoding]:
        """Encode questions, with the model's own prompt for them."""

    def encode_document(self, texts: Sequence[str]) -> list[Encoding]:
        """Encode pieces of articles, with the model's own prompt for them."""

    def token_offsets(self, text: str) -> IntMatrix:
        """(tokens, 2): where each token of the text stands, however long it is; no special tokens."""


def load_encoder(name: str | None = None, precision: Precision = "auto") -> Encoder:
    """The encoder of this name: None for the pinned default, else a folder or a name in the local Hugging Face cache.

    ``f32`` computes in 32 bits everywhere; ``auto`` leaves it to OpenVINO, which takes bf16 where the processor has it.
    The first time a model is loaded it is converted (10 to 20 s) and kept in the user's cache folder. Raises ModelError
    when the model can't be found, is not the pinned one, or gives no token vectors.
    """
    folder = weights.pinned_folder(weights.ENCODER) if name is None else _model_folder(name)
    sha256 = weights.sha256_of_folder(folder)
    converted = weights.derived_folder(f"encoders-{FORMAT}", sha256)
    if not converted.is_dir():
        if name is None:
            weights.verify_pinned(weights.ENCODER)
        with weights.made_whole(converted) as target:
            _convert(folder, target)
    description = Description(**json.loads((converted / "description.json").read_text(encoding="utf-8")))
    reader = Tokenizer(converted / "tokenizer.json", description)
    fingerprint = hashlib.sha256(f"{sha256} {precision}".encode()).hexdigest()
    shown_name = "all-MiniLM-L6-v2" if name is None else Path(name).name
    if description.direct:
        return DirectEncoder(shown_name, fingerprint, reader, converted / "model.xml", precision)
    return SentenceTransformersEncoder(shown_name, fingerprint, reader, _sentence_transformer(folder))


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
            f"Nothing is downloaded by itself; fetch it first with `hf download {name}`, or name a folder."
        ) from error


def _unit(vectors: FloatMatrix) -> FloatMatrix:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: FloatMatrix = (vectors / np.maximum(lengths, np.finfo(np.float32).tiny)).astype(np.float32)
    return unit


class _ReadingEncoder(ABC):
    """What both ways of running a model have in common."""

    def __init__(self, name: str, fingerprint: str, reader: Tokenizer) -> None:
        self.name = name
        self.fingerprint = fingerprint
        self.dimension = reader.description.dimension
        self.maximum_tokens = reader.maximum_tokens
        self._reader = reader

    def encode_query(self, texts: Sequence[str]) -> list[Encoding]:
        """Encode questions, with the model's own prompt for them."""
        return self._encode("query", texts)

    def encode_document(self, texts: Sequence[str]) -> list[Encoding]:
        """Encode pieces of articles, with the model's own prompt for them."""
        return self._encode("document", texts)

    def token_offsets(self, text: str) -> IntMatrix:
        """(tokens, 2): where each token of the text stands, however long it is; no special tokens."""
        return self._reader.offsets(text)

    @abstractmethod
    def _encode(self, task: Task, texts: Sequence[str]) -> list[Encoding]:
        """Encode texts with the prompt of this task."""

    def _encoding(self, task: Task, tokenized: TokenizedText, vector: FloatVector, rows: FloatMatrix) -> Encoding:
        own, offsets = self._reader.own_tokens(task, tokenized)
        return Encoding(_unit(vector), _unit(rows[own]), offsets)


class DirectEncoder(_ReadingEncoder):
    """A transformer with mean or CLS pooling, on OpenVINO.

    Only texts of the same number of tokens share an inference, so nothing is padded and a text's vectors are the same
    to the last bit whatever it stands beside. OpenVINO chooses how many inferences run at once.
    """

    def __init__(self, name: str, fingerprint: str, reader: Tokenizer, graph: Path, precision: Precision) -> None:
        super().__init__(name, fingerprint, reader)
        openvino = weights.import_openvino()
        settings = {
            "PERFORMANCE_HINT": "THROUGHPUT",
            # A pinned thread waits for its core while others are free: up to 5 % slower beside other work.
            "ENABLE_CPU_PINNING": False,
            # Saves 0.1 to 0.3 s of each start.
            "CACHE_DIR": str(graph.parent / "compiled"),
        }
        if precision == "f32":
            settings["INFERENCE_PRECISION_HINT"] = "f32"
        self._compiled = weights.loaded_apart(lambda: openvino.Core().compile_model(str(graph), "CPU", settings))
        self._streams: int = self._compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")

    def _encode(self, task: Task, texts: Sequence[str]) -> list[Encoding]:
        tokenized = self._reader.tokenize(task, texts)
        encodings: dict[int, Encoding] = {}

        def finish(request: InferRequest, positions: list[int]) -> InferRequest:
            request.wait()
            for position, rows in zip(positions, request.get_output_tensor().data, strict=True):
                vector = rows[0] if self._reader.description.pooling == "cls" else rows.mean(axis=0)
                encodings[position] = self._encoding(task, tokenized[position], vector, rows)
            return request

        # Requests of this call alone make it safe from several threads without a lock. They are waited for instead of
        # calling back: a callback may still be returning when the interpreter ends, which aborts the process.
        idle = [self._compiled.create_infer_request() for _ in range(self._streams)]
        running: deque[tuple[InferRequest, list[int]]] = deque()
        for positions in _batches([len(encoding.ids) for encoding in tokenized]):
            request = idle.pop() if idle else finish(*running.popleft())
            request.start_async([np.array([tokenized[position].ids for position in positions], dtype=np.int64)])
            running.append((request, positions))
        while running:
            finish(*running.popleft())
        return [encodings[position] for position in range(len(tokenized))]


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Positions of equal length, of at most BATCH_TOKENS tokens together, longest first."""
    positions_of = defaultdict(list)
    for position, length in enumerate(lengths):
        positions_of[length].append(position)
    for length, positions in sorted(positions_of.items(), reverse=True):
        size = max(1, BATCH_TOKENS // max(length, 1))
        for start in range(0, len(positions), size):
            yield positions[start : start + size]


class SentenceTransformersEncoder(_ReadingEncoder):
    """Any other model that sentence-transformers loads, as long as it has token vectors and a fast tokenizer."""

    def __init__(self, name: str, fingerprint: str, reader: Tokenizer, model: SentenceTransformer) -> None:
        super().__init__(name, fingerprint, reader)
        self._model = model

    def _encode(self, task: Task, texts: Sequence[str]) -> list[Encoding]:
        encode: Callable[..., Any] = self._model.encode_query if task == "query" else self._model.encode_document
        encodings = []
        for text, tokenized in zip(texts, self._reader.tokenize(task, texts), strict=True):
            # One by one: padding would make a text's vectors depend on what it stands beside.
            outputs = encode([text], output_value=None, show_progress_bar=False)[0]
            vector = outputs["sentence_embedding"].float().cpu().numpy()
            rows = outputs["token_embeddings"].float().cpu().numpy()
            encodings.append(self._encoding(task, tokenized, vector, rows))
        return encodings


def _sentence_transformer(folder: Path) -> SentenceTransformer:
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    # What it says while a model loads is nothing that a reader of our messages could act on.
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(
            f"sentence-transformers can't load {folder} ({error}): name a folder that it has saved."
        ) from error


def _convert(folder: Path, target: Path) -> None:
    """Fill ``target`` with a description, the tokenizer and, for a model that runs directly, its graph."""
    model = _sentence_transformer(folder)
    tokenizer = getattr(model.tokenizer, "backend_tokenizer", None)
    if tokenizer is None or model.max_seq_length is None:
        raise ModelError(f"The model {folder} can't be used, it gives no vectors of tokens: choose a transformer.")
    pooling = _direct_pooling(model)
    description = Description(
        dimension=model.get_embedding_dimension() or 0,
        maximum_length=model.max_seq_length,
        prompts={"query": _prompt(model, "query"), "document": _prompt(model, "document", "passage", "corpus")},
        pooling=pooling or "",
        direct=pooling is not None,
    )
    tokenizer.save(str(target / "tokenizer.json"))
    if description.direct:
        _save_graph(model, target / "model.xml")
        agreement = _agreement(model, Tokenizer(target / "tokenizer.json", description), target / "model.xml")
        if agreement < AGREEMENT:
            logger.warning("%s differs on OpenVINO (cosine %.6f): it runs through torch, slower.", folder, agreement)
            description = replace(description, direct=False)
    (target / "description.json").write_text(json.dumps(asdict(description), indent=1), encoding="utf-8")


def _prompt(model: SentenceTransformer, *names: str) -> str:
    """The prompt that sentence-transformers puts before a text: the first of these that is saved, or the default."""
    saved = [model.prompts[name] for name in names if name in model.prompts]
    return (saved[0] if saved else model.prompts.get(model.default_prompt_name or "")) or ""


def _direct_pooling(model: SentenceTransformer) -> str | None:
    """``mean`` or ``cls`` for a transformer with that pooling and perhaps normalisation, None for any other model."""
    kinds = [type(module).__name__ for module in model]
    if kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        return None
    transformer, pooling = model[0], model[1]
    lengths_differ = transformer.query_length is not None or transformer.document_length is not None
    if pooling.pooling_mode not in ("mean", "cls") or not pooling.include_prompt or lengths_differ:
        return None
    return str(pooling.pooling_mode)


def _save_graph(model: SentenceTransformer, path: Path) -> None:
    """Save a transformer as an OpenVINO graph from (texts, tokens) numbers to (texts, tokens, width) vectors."""
    openvino = weights.import_openvino()
    import torch

    class LastHidden(torch.nn.Module):
        def __init__(self, transformer: Any) -> None:  # noqa: ANN401 - transformers' classes have no common type
            super().__init__()
            self.transformer = transformer

        def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
            return cast("torch.Tensor", self.transformer(input_ids=input_ids).last_hidden_state)

    example = torch.ones((2, 8), dtype=torch.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tracing warns of each Python branch; the probes prove the result
        graph = openvino.convert_model(LastHidden(model[0].auto_model).eval(), example_input=example)
    openvino.save_model(graph, path, compress_to_fp16=False)


def _agreement(model: SentenceTransformer, reader: Tokenizer, graph: Path) -> float:
    """The lowest cosine between a graph's vectors and sentence-transformers' own over the probes."""
    direct = DirectEncoder("graph", "", reader, graph, "f32")
    original = SentenceTransformersEncoder("original", "", reader, model)
    ours = direct.encode_query(PROBES) + direct.encode_document(PROBES)
    theirs = original.encode_query(PROBES) + original.encode_document(PROBES)
    shutil.rmtree(graph.parent / "compiled")  # OpenVINO finds it by the graph's path, which is about to change
    return min(float(our.vector @ their.vector) for our, their in zip(ours, theirs, strict=True))
