"""The reader as it is trained: one encoder with three heads, each over the tokens of a span and the first token."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal, TypeAlias

import torch
from torch import Tensor, nn
from transformers import AutoModel

from askseoul.models.reader_input import ReaderInput

Task: TypeAlias = Literal["answers", "supports", "relation"]
TASKS: Final[tuple[Task, ...]] = ("answers", "supports", "relation")
OUTPUTS: Final[dict[Task, int]] = {"answers": 1, "supports": 3, "relation": 3}
DROPOUT: Final = 0.1
"""Without it in the encoder, a run of three and a half epochs learned its 720 stories by heart (loss of answers 0.38),
and read others hardly better than one of 1.25."""
MASKS: Final = 1 << 23
"""Values that the masks of dropout are cut from."""


class Dropout(nn.Module):
    """Dropout whose masks are cut, each from another place, out of one row of random values.

    To draw a new value for every activation takes a quarter of the time of a training step on a processor.
    """

    masks: Tensor

    def __init__(self) -> None:
        super().__init__()
        kept = torch.rand(MASKS, generator=torch.Generator().manual_seed(0)) >= DROPOUT
        self.register_buffer("masks", kept.to(torch.bfloat16) / (1 - DROPOUT), persistent=False)

    def forward(self, states: Tensor) -> Tensor:
        """Return the states, one in ten of them zero while the model trains."""
        if not self.training:
            return states
        place = int(torch.randint(MASKS - states.numel(), ()))
        mask: Tensor = self.masks[place : place + states.numel()]
        return states * mask.view_as(states)


class ReaderModel(nn.Module):
    """An encoder with the heads *answers*, *supports* and *relation*."""

    def __init__(self, base: Path) -> None:
        super().__init__()
        # Attention is plain matrix products, because the backward pass of the fused kernel takes longer on a processor
        # than all else.
        self.encoder = AutoModel.from_pretrained(
            base,
            add_pooling_layer=False,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            attn_implementation="eager",
        )
        dropout = Dropout()
        for layer in self.encoder.encoder.layer:
            layer.attention.output.dropout = layer.output.dropout = dropout
        self.encoder.embeddings.requires_grad_(requires_grad=False)
        width = self.encoder.config.hidden_size
        self.dropout = nn.Dropout(DROPOUT)
        self.dense = nn.ModuleDict({task: nn.Linear(width, width) for task in TASKS})
        self.heads = nn.ModuleDict({task: nn.Linear(width, OUTPUTS[task]) for task in TASKS})

    def head_weights(self) -> dict[str, Tensor]:
        """Return the weights of the heads by the names that ``askseoul.models.reader`` reads."""
        named = {"dense": self.dense, "out": self.heads}
        return {
            f"{task}.{part}.{name}": weight.detach()
            for part, layers in named.items()
            for task, layer in layers.items()
            for name, weight in layer.named_parameters()
        }

    def forward(self, task: Task, inputs: Sequence[ReaderInput], padding: int) -> Tensor:
        """Return the logits of the inputs, (inputs, outputs of the head)."""
        device = next(self.parameters()).device
        ids, mask = (tensor.to(device) for tensor in _padded(inputs, padding))
        states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        starts, ends = torch.tensor([one.span for one in inputs], device=device).T
        rows = torch.arange(len(inputs), device=device)
        sums = nn.functional.pad(states.cumsum(dim=1), (0, 0, 1, 0))
        means = (sums[rows, ends] - sums[rows, starts]) / (ends - starts).unsqueeze(1)
        pooled = (states[:, 0] + means) / 2
        logits: Tensor = self.heads[task](self.dropout(torch.tanh(self.dense[task](pooled))))
        return logits


def _padded(inputs: Sequence[ReaderInput], padding: int) -> tuple[Tensor, Tensor]:
    longest = max(len(one.ids) for one in inputs)
    ids = torch.full((len(inputs), longest), padding)
    mask = torch.zeros((len(inputs), longest), dtype=torch.long)
    for row, one in enumerate(inputs):
        ids[row, : len(one.ids)] = torch.tensor(one.ids)
        mask[row, : len(one.ids)] = 1
    return ids, mask
