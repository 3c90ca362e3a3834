"""The reader: a small model of our own that says which sentences answer, what evidence says of a claim, and whether
two sentences disagree.

It is an encoder with three heads, which ``training/`` makes. Its probabilities are calibrated on stories that it was
not trained on. It runs on OpenVINO, without torch. A folder of weights has the encoder's graph, the heads, the
tokenizer, and a manifest with the sha256 of each.
"""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from askseoul.errors import ModelError
from askseoul.models import weights
from askseoul.models.graph import FloatMatrix, Precision, TransformerGraph
from askseoul.models.reader_input import ReaderInput, ReaderTokenizer

FloatVector: TypeAlias = NDArray[np.float32]
Head: TypeAlias = Literal["answers", "supports", "relation"]

SHIPPED: Final = Path(__file__).with_name("reader_weights")
"""Folder of the weights that the package brings."""
FORMAT: Final = 1
"""Version of the folder's layout and of how texts are laid out for one pass."""
GRAPH, CONSTANTS, HEADS, TOKENIZER, MANIFEST = "graph.xml", "graph.bin", "heads.npz", "tokenizer.json", "manifest.json"

SUPPORTED, UNSUPPORTED, CONTRADICTED = range(3)
"""Columns of ``Reader.supports``."""
SAME, COMPATIBLE, CONFLICT = range(3)
"""Columns of ``Reader.relations``."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question, a sentence that may answer it, and its neighbours in the article."""

    question: str
    sentence: str
    around: str = ""


@dataclass(frozen=True, slots=True)
class EvidencedClaim:
    """A claim, the sentences that it rests on, and the sentence that stands before them, for what it names."""

    claim: str
    sentences: Sequence[str]
    context: str = ""


@dataclass(frozen=True, slots=True)
class AnswerPair:
    """A question, and two sentences that were found for it."""

    question: str
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Calibration:
    """Turns a head's logits into probabilities: each is multiplied by ``scale``, then its ``bias`` is added."""

    scale: float
    bias: tuple[float, ...]

    def logits(self, raw: FloatMatrix) -> FloatMatrix:
        """Return the calibrated logits, of the same shape."""
        calibrated: FloatMatrix = (raw * self.scale + np.array(self.bias)).astype(np.float32)
        return calibrated


class Reader(ABC):
    """Reads: the part that does not depend on how the model runs."""

    def __init__(self, identity: str, tokenizer: ReaderTokenizer, calibration: Mapping[Head, Calibration]) -> None:
        self.identity = identity
        """Name and sha256 of the weights."""
        self.tokenizer = tokenizer
        self._calibration = calibration

    @abstractmethod
    def raw_logits(self, head: Head, inputs: Sequence[ReaderInput]) -> FloatMatrix:
        """Return the logits of the inputs, (inputs, outputs of the head), not calibrated."""

    def answers(self, candidates: Sequence[Candidate]) -> FloatVector:
        """Return the probability of each sentence that it answers its question, wholly or in part, (candidates,)."""
        inputs = [self.tokenizer.answers(one.question, one.sentence, one.around) for one in candidates]
        logits = self._logits("answers", inputs)[:, 0]
        probabilities: FloatVector = (1 / (1 + np.exp(-logits))).astype(np.float32)
        return probabilities

    def supports(self, claims: Sequence[EvidencedClaim]) -> FloatMatrix:
        """Return the probabilities of SUPPORTED, UNSUPPORTED and CONTRADICTED, (claims, 3).

        Evidence that is too long for one pass is read in windows, of which the most decided one counts.
        """
        inputs, owners = [], []
        for position, claim in enumerate(claims):
            for evidence, context in self.tokenizer.evidence_windows(claim.sentences, claim.context):
                inputs.append(self.tokenizer.supports(claim.claim, evidence, context))
                owners.append(position)
        by_window = _softmax(self._logits("supports", inputs))
        probabilities = np.zeros((len(claims), 3), np.float32)
        probabilities[:, UNSUPPORTED] = np.inf
        for position, row in zip(owners, by_window, strict=True):
            if row[UNSUPPORTED] < probabilities[position, UNSUPPORTED]:
                probabilities[position] = row
        return probabilities

    def relations(self, pairs: Sequence[AnswerPair]) -> FloatMatrix:
        """Return the probabilities of SAME, COMPATIBLE and CONFLICT, (pairs, 3); the order of a pair has no effect."""
        inputs = [
            self.tokenizer.relation(pair.question, *sentences)
            for pair in pairs
            for sentences in ((pair.left, pair.right), (pair.right, pair.left))
        ]
        logits = self._logits("relation", inputs)
        both: FloatMatrix = ((logits[0::2] + logits[1::2]) / 2).astype(np.float32)
        return _softmax(both)

    def _logits(self, head: Head, inputs: Sequence[ReaderInput]) -> FloatMatrix:
        """Return the calibrated logits of the inputs."""
        calibration = self._calibration[head]
        if not inputs:
            return np.zeros((0, len(calibration.bias)), np.float32)
        return calibration.logits(self.raw_logits(head, inputs))


@dataclass(frozen=True, slots=True)
class Manifest:
    """What ``manifest.json`` says of a folder of weights."""

    name: str
    sha256: str
    """Of the manifest itself, which has the sha256 of every other file."""
    calibration: Mapping[Head, Calibration]


def load_reader(folder: Path | None = None, precision: Precision = "auto") -> Reader:
    """Load the shipped reader, or the weights in ``folder``, in about half a second.

    ``f32`` computes in 32 bits everywhere; with ``auto``, OpenVINO uses bf16 where the processor supports it. Raises
    ModelError if the weights are missing, damaged or of another format.
    """
    folder = SHIPPED if folder is None else folder
    manifest = read_manifest(folder)
    with np.load(folder / HEADS) as arrays:
        heads = {name: arrays[name].astype(np.float32) for name in arrays.files}
    compiled = weights.converted_folder("readers", manifest.sha256)
    graph = TransformerGraph(folder / GRAPH, compiled, precision)
    return OpenVINOReader(manifest, ReaderTokenizer(folder / TOKENIZER), graph, heads)


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a folder of weights, after comparing every file with it.

    Raises ModelError that names the file and the remedy.
    """
    remedy = "reinstall askseoul" if folder == SHIPPED else "name a folder that `python -m training.export` wrote"
    path = folder / MANIFEST
    try:
        content = path.read_bytes()
        manifest = json.loads(content)
        if manifest["format"] != FORMAT:
            raise ModelError(f"{path} has format {manifest['format']}, and this version reads {FORMAT}: {remedy}.")
        for name in (GRAPH, CONSTANTS, HEADS, TOKENIZER):
            if weights.sha256_of_file(folder / name) != manifest["files"][name]:
                raise ModelError(f"{folder / name} is not the file that {MANIFEST} names: {remedy}.")
        heads: tuple[Head, ...] = get_args(Head)
        fitted = {head: manifest["calibration"][head] for head in heads}
        calibration = {head: Calibration(of_head["scale"], tuple(of_head["bias"])) for head, of_head in fitted.items()}
        return Manifest(manifest["name"], hashlib.sha256(content).hexdigest(), calibration)
    except OSError as error:
        raise ModelError(f"{error.filename} can't be read ({error.strerror}): {remedy}.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{path} is no manifest of a reader ({error!r}): {remedy}.") from error


class OpenVINOReader(Reader):
    """A reader whose encoder runs on OpenVINO. Safe from several threads; the same texts give the same readings."""

    def __init__(
        self,
        manifest: Manifest,
        tokenizer: ReaderTokenizer,
        graph: TransformerGraph,
        heads: Mapping[str, FloatMatrix],
    ) -> None:
        super().__init__(f"{manifest.name} {manifest.sha256}", tokenizer, manifest.calibration)
        self._graph = graph
        self._heads = heads

    def raw_logits(self, head: Head, inputs: Sequence[ReaderInput]) -> FloatMatrix:
        """Return the logits of the inputs."""
        by_input: dict[int, FloatVector] = {}
        for position, vectors in self._graph.vectors([one.ids for one in inputs]):
            start, end = inputs[position].span
            by_input[position] = (vectors[0] + vectors[start:end].mean(axis=0)) / 2
        # In 64 bits, because the last bits of a product depend on how many rows it has.
        pooled = np.stack([by_input[position] for position in range(len(inputs))]).astype(np.float64)
        dense = np.tanh(pooled @ self._heads[f"{head}.dense.weight"].T + self._heads[f"{head}.dense.bias"])
        logits: FloatMatrix = (dense @ self._heads[f"{head}.out.weight"].T + self._heads[f"{head}.out.bias"]).astype(
            np.float32
        )
        return logits


def _softmax(logits: FloatMatrix) -> FloatMatrix:
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: FloatMatrix = (exponents / exponents.sum(axis=1, keepdims=True)).astype(np.float32)
    return probabilities
