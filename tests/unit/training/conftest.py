"""A base with random weights: two tiny layers, and a tokenizer whose pieces are the words of two stories."""

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from training.stories import part_of, read_stories
from transformers import BertConfig, BertModel

from askseoul.models.reader_input import ReaderTokenizer

STORIES = part_of(read_stories(), "training")[:2]
WORDS = sorted(
    {word for story in STORIES for sentences in story.passages.values() for word in " ".join(sentences).split()}
)


@pytest.fixture(scope="session")
def base(tmp_path_factory):
    """The folder of the base."""
    folder = tmp_path_factory.mktemp("base")
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁", *(f"▁{word}" for word in WORDS)]
    tokenizer = Tokenizer(models.Unigram([(piece, -1.0) for piece in pieces], unk_id=3))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.save(str(folder / "tokenizer.json"))
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(pieces), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tokenizer(base):
    return ReaderTokenizer(base / "tokenizer.json")
