import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askseoul.errors import ModelError
from askseoul.models import weights
from askseoul.models.encoder import OpenVINOEncoder, SentenceTransformersEncoder, load_encoder
from tests.support.processes import run_python

PROMPTS = {"query": "ask: ", "document": "read: "}

TEXTS = [
    "How many US troops are stationed in Korea?",
    "28,500 troops are stationed in Korea.\r\nThey have been there since 1953.",
    "Seoul",
    "서울의 봄 🙂 e\u0301 العربية",
    "",
    "the alliance costs more each year " * 120,
]


@pytest.fixture(scope="module")
def encoder():
    return load_encoder(precision="f32")


@pytest.fixture
def tiny_model(tmp_path, monkeypatch):
    """Make a folder with a random BERT of 16 dimensions that reads 24 tokens: letters and pairs of letters."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Normalize, Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    letters = [*"abcdefghijklmnopqrstuvwxyz0123456789?.,:"]
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]

    def make(*, pooling: str, normalize: bool = True, prompts: dict[str, str] | None = None) -> Path:
        import torch

        torch.manual_seed(1)
        plain, folder = tmp_path / "plain", tmp_path / "tiny"
        config = BertConfig(
            vocab_size=len(vocabulary),
            hidden_size=16,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=32,
            max_position_embeddings=24,
            initializer_range=0.5,
        )
        BertModel(config).save_pretrained(plain)
        (plain / "vocab.txt").write_text("\n".join(vocabulary))
        BertTokenizerFast(vocab=str(plain / "vocab.txt")).save_pretrained(plain)
        transformer = Transformer(str(plain), max_seq_length=24)
        modules = [transformer, Pooling(16, pooling_mode=pooling), *([Normalize()] if normalize else [])]
        SentenceTransformer(modules=modules, prompts=prompts, device="cpu").save(str(folder))
        return folder

    return make


def original_vectors(folder: Path, task: str, texts: list[str]) -> np.ndarray:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    encode = model.encode_query if task == "query" else model.encode_document
    return encode(texts, normalize_embeddings=True, show_progress_bar=False)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("made_of", "kind"),
    [
        pytest.param({"pooling": "mean"}, OpenVINOEncoder, id="mean", marks=pytest.mark.full),
        pytest.param({"pooling": "cls"}, OpenVINOEncoder, id="cls", marks=pytest.mark.full),
        pytest.param(
            {"pooling": "mean", "normalize": False},
            OpenVINOEncoder,
            id="mean, not normalised",
            marks=pytest.mark.full,
        ),
        pytest.param(
            {"pooling": "mean", "prompts": PROMPTS},
            OpenVINOEncoder,
            id="mean with prompts",
        ),
        pytest.param(
            {"pooling": "max"},
            SentenceTransformersEncoder,
            id="max, through sentence-transformers",
            marks=pytest.mark.full,
        ),
        pytest.param(
            {"pooling": "max", "prompts": PROMPTS},
            SentenceTransformersEncoder,
            id="max with prompts, through sentence-transformers",
        ),
    ],
)
def test_any_model_gives_the_vectors_that_sentence_transformers_gives(tiny_model, made_of, kind):
    folder = tiny_model(**made_of)
    encoder = load_encoder(str(folder), "f32")
    assert type(encoder) is kind
    assert (encoder.name, encoder.dimension) == ("tiny", 16)
    longest_prompt = len("read:") if "prompts" in made_of else 0
    assert encoder.maximum_tokens == 24 - len(["[CLS]", "[SEP]"]) - longest_prompt
    for task, encode in (("query", encoder.encode_query), ("document", encoder.encode_document)):
        encodings = encode(TEXTS)
        cosines = [
            float(encoding.vector @ vector)
            for encoding, vector in zip(encodings, original_vectors(folder, task, TEXTS), strict=True)
        ]
        assert min(cosines) >= 0.9999
        for text, encoding in zip(TEXTS, encodings, strict=True):
            kept = len(encoding.offsets)
            assert encoding.tokens.shape == (kept, 16)
            assert encoding.offsets.tolist() == encoder.token_offsets(text)[:kept].tolist()


def test_default_model_gives_the_vectors_that_sentence_transformers_gives(encoder):
    originals = original_vectors(weights.pinned_folder(weights.ENCODER), "document", TEXTS)
    for encoding, original in zip(encoder.encode_document(TEXTS), originals, strict=True):
        assert float(encoding.vector @ original) >= 0.9999
    assert (encoder.name, encoder.dimension, encoder.maximum_tokens) == ("all-MiniLM-L6-v2", 384, 254)


def test_token_vectors_are_those_of_sentence_transformers(encoder):
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(weights.pinned_folder(weights.ENCODER)), device="cpu", local_files_only=True)
    rows = model.encode([TEXTS[0]], output_value="token_embeddings")[0].numpy()[1:-1]
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    assert (encoder.encode_query([TEXTS[0]])[0].tokens * rows).sum(axis=1).min() >= 0.9999


def test_each_token_knows_its_characters(encoder):
    text = "Café in Seoul, 서울 🙂"
    [encoding] = encoder.encode_document([text])
    assert [text[start:end] for start, end in encoding.offsets] == [
        "Café", "in", "Seoul", ",", "서", "서", "울", "울", "울", "🙂",
    ]  # fmt: skip


def test_long_text_is_cut_but_its_offsets_are_not(encoder):
    text = "troops " * 1000
    [encoding] = encoder.encode_document([text])
    assert len(encoding.tokens) == len(encoding.offsets) == encoder.maximum_tokens
    assert len(encoder.token_offsets(text)) == 1000


@pytest.mark.parametrize("text", ["", " ", "\r\n", "\u200b"], ids=repr)
def test_text_without_tokens_has_a_vector_and_no_token_rows(encoder, text):
    [encoding] = encoder.encode_query([text])
    assert encoding.tokens.shape == (0, 384)
    assert encoding.offsets.shape == encoder.token_offsets(text).shape == (0, 2)
    assert np.linalg.norm(encoding.vector) == pytest.approx(1)


def test_no_texts_no_encodings(encoder):
    assert encoder.encode_document([]) == []


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), min_size=1, max_size=6))
def test_a_text_gives_the_same_bits_whatever_it_stands_beside(encoder, texts):
    for text, encoding in zip(texts, encoder.encode_document(texts), strict=True):
        [alone] = encoder.encode_document([text])
        assert np.array_equal(alone.vector, encoding.vector)
        assert np.array_equal(alone.tokens, encoding.tokens)
        assert encoding.vector.dtype == encoding.tokens.dtype == np.float32
        assert np.linalg.norm(encoding.tokens, axis=1) == pytest.approx(1, abs=1e-5)
        assert all(0 <= start < end <= len(text) for start, end in encoding.offsets)


def test_several_threads_get_what_one_gets(encoder):
    questions = [f"How many troops were there in {year}?" for year in range(1950, 1990)]
    expected = [encoding.vector for encoding in encoder.encode_query(questions)]
    with ThreadPoolExecutor(4) as pool:
        found = [encodings[0].vector for encodings in pool.map(encoder.encode_query, [[each] for each in questions])]
    assert np.array_equal(found, expected)


def test_fingerprint_tells_models_and_precisions_apart(encoder):
    assert encoder.fingerprint == load_encoder(precision="f32").fingerprint
    assert encoder.fingerprint != load_encoder(precision="auto").fingerprint


@pytest.mark.parametrize("name", ["no/such-model", "no such model", "/no/such/folder"])
def test_unknown_model_is_an_error_that_says_how_to_get_it(name):
    with pytest.raises(ModelError, match=r"There is no model .* name a folder"):
        load_encoder(name)


def test_folder_that_holds_no_model_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "config.json").write_text("{}")
    with pytest.raises(ModelError, match="can't load"):
        load_encoder(str(tmp_path / "other"))


def test_at_question_time_neither_torch_nor_sentence_transformers_is_imported(encoder):
    code = (
        "import json, sys; from askseoul.models.encoder import load_encoder; load_encoder().encode_query(['Seoul?']);"
        "print(json.dumps(sorted(sys.modules)))"
    )
    loaded = set(json.loads(run_python(code).stdout))
    assert not {"torch", "sentence_transformers", "transformers", "huggingface_hub"} & loaded


@pytest.mark.full
def test_process_that_ends_right_after_encoding_ends_well(encoder):
    code = (
        "from askseoul.models.encoder import load_encoder; encoder = load_encoder(); encoder.encode_query(['Seoul?'])"
    )
    for _ in range(4):  # with callbacks from OpenVINO's threads, 6 of 10 such processes were aborted
        run_python(code)
