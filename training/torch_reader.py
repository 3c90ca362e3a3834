"""The reader while it is being trained: the same readings as the shipped one, computed by torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import torch

from askseoul.models.graph import FloatMatrix
from askseoul.models.reader import Calibration, Head, Reader
from askseoul.models.reader_input import ReaderInput, ReaderTokenizer
from training.model import OUTPUTS, ReaderModel

BATCH: Final = 32
UNCALIBRATED: Final[dict[Head, Calibration]] = {
    task: Calibration(1.0, (0.0,) * outputs) for task, outputs in OUTPUTS.items()
}


class TorchReader(Reader):
    """Reads with a ReaderModel, in bf16."""

    def __init__(
        self,
        model: ReaderModel,
        tokenizer: ReaderTokenizer,
        calibration: Mapping[Head, Calibration] = MappingProxyType(UNCALIBRATED),
    ) -> None:
        super().__init__("in training", tokenizer, calibration)
        self._model = model

    def calibrated(self, calibration: Mapping[Head, Calibration]) -> TorchReader:
        """Return a reader of the same model with this calibration."""
        return TorchReader(self._model, self.tokenizer, calibration)

    def raw_logits(self, head: Head, inputs: Sequence[ReaderInput]) -> FloatMatrix:
        """Return the logits of the inputs, computed in batches of similar length."""
        was_training = self._model.training
        self._model.eval()
        order = sorted(range(len(inputs)), key=lambda position: len(inputs[position].ids))
        by_input: dict[int, torch.Tensor] = {}
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
            for start in range(0, len(order), BATCH):
                positions = order[start : start + BATCH]
                batch = [inputs[position] for position in positions]
                logits = self._model(head, batch, self.tokenizer.padding).float()
                by_input.update(zip(positions, logits, strict=True))
        self._model.train(was_training)
        logits = torch.stack([by_input[position] for position in range(len(inputs))])
        matrix: FloatMatrix = logits.numpy()
        return matrix
