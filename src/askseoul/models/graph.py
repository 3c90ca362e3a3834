"""A transformer as an OpenVINO graph: from token ids to one vector a token. The encoder and the reader run on it."""

from __future__ import annotations

import warnings
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from askseoul.models import weights

if TYPE_CHECKING:
    from openvino import InferRequest

FloatMatrix: TypeAlias = NDArray[np.float32]
Precision: TypeAlias = Literal["auto", "f32"]

BATCH_TOKENS: Final = 256
"""Maximum number of tokens in one inference, unless a single text has more. Batching makes texts of 40 tokens 20 %
faster and texts of 140 tokens no faster (two AVX2 cores)."""


class TransformerGraph:
    """A transformer on OpenVINO. Safe from several threads.

    A batch holds only texts of equal length in tokens. Nothing is padded, so a text's vectors do not depend on the
    other texts, down to the last bit. OpenVINO chooses how many inferences run at once.
    """

    def __init__(self, graph: Path, compiled: Path, precision: Precision) -> None:
        """Load ``graph``; the compiled form is kept in the folder ``compiled``, which saves 0.1 to 0.3 s a start."""
        openvino = weights.import_openvino()
        settings = {
            "PERFORMANCE_HINT": "THROUGHPUT",
            # A pinned thread waits for its core while others are free: up to 5 % slower beside other work.
            "ENABLE_CPU_PINNING": False,
            # OpenVINO's key of a compiled graph leaves out its precision: with "auto", one of 32 bits gives NaN.
            "CACHE_DIR": str(compiled / precision),
        }
        if precision == "f32":
            settings["INFERENCE_PRECISION_HINT"] = "f32"
        self._compiled = weights.load_in_thread(lambda: openvino.Core().compile_model(str(graph), "CPU", settings))
        self._streams: int = self._compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")

    def vectors(self, texts: Sequence[Sequence[int]]) -> Iterator[tuple[int, FloatMatrix]]:
        """Yield each text's position, in any order, and its vectors (tokens, width), valid until the next one."""
        # Each call creates its own requests, so several threads need no lock. It waits for them instead of using
        # callbacks: a callback that is still returning when the interpreter ends aborts the process.
        idle = [self._compiled.create_infer_request() for _ in range(self._streams)]
        running: deque[tuple[InferRequest, list[int]]] = deque()
        for positions in _batches([len(ids) for ids in texts]):
            if not idle:
                request, finished = running.popleft()
                yield from _results(request, finished)
                idle.append(request)
            request = idle.pop()
            request.start_async([np.array([texts[position] for position in positions], dtype=np.int64)])
            running.append((request, positions))
        for request, finished in running:
            yield from _results(request, finished)


def save_graph(transformer: Any, path: Path) -> None:  # noqa: ANN401 - transformers' classes have no common type
    """Save a transformer as a graph from (texts, tokens) token ids to (texts, tokens, width) vectors, in 32 bits."""
    openvino = weights.import_openvino()
    openvino.save_model(as_graph(transformer), path, compress_to_fp16=False)


def as_graph(transformer: Any) -> Any:  # noqa: ANN401 - as above, and OpenVINO's model has no type
    """Return a transformer as an OpenVINO model from (texts, tokens) token ids to (texts, tokens, width) vectors."""
    openvino = weights.import_openvino()
    import torch

    class LastHidden(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.transformer = transformer

        def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
            return cast("torch.Tensor", self.transformer(input_ids=input_ids).last_hidden_state)

    example = torch.ones((2, 8), dtype=torch.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tracing warns of every Python branch; whoever calls this checks the result
        return openvino.convert_model(LastHidden().eval(), example_input=example)


def _results(request: InferRequest, positions: Sequence[int]) -> Iterator[tuple[int, FloatMatrix]]:
    request.wait()
    yield from zip(positions, request.get_output_tensor().data, strict=True)


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield batches of positions of equal length, of at most BATCH_TOKENS tokens each, longest first."""
    positions_by_length = defaultdict(list)
    for position, length in enumerate(lengths):
        positions_by_length[length].append(position)
    for length, positions in sorted(positions_by_length.items(), reverse=True):
        size = max(1, BATCH_TOKENS // max(length, 1))
        for start in range(0, len(positions), size):
            yield positions[start : start + size]
