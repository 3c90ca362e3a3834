"""A system and a user message into text: SmolLM2 on this machine, an OpenAI-compatible endpoint, or any LlamaIndex LLM.

What a generator writes is a draft: nothing here checks it.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Final, Protocol

from askseoul import models
from askseoul.errors import GeneratorError, UsageError
from askseoul.settings import GENERATOR

if TYPE_CHECKING:
    from pathlib import Path

    from llama_index.core.llms import LLM
    from openvino_genai import LLMPipeline

CONTEXT_WINDOW: Final = 8192
"""Tokens that an endpoint is taken to read; LlamaIndex would assume 3,900 for a model that it does not know."""


class Generator(Protocol):
    """Writes text. Safe to use from several threads; greedy: same messages, same text, where the engine allows it."""

    @property
    def name(self) -> str:
        """What wrote the text, as shown in an answer's trace."""

    def reply(self, system: str, user: str, *, maximum_tokens: int) -> str:
        """The text that answers these two messages, stripped and never empty. Raises GeneratorError."""


def load_generator(spec: str) -> Generator | None:
    """The generator that ``none``, ``local`` or ``openai:MODEL@URL`` names; None for ``none``.

    ``local`` is loaded at its first reply. The key of an endpoint is read from ``OPENAI_API_KEY``; a server that needs
    none works without. Raises UsageError for any other text, GeneratorError when the package for endpoints is missing.
    """
    if spec == "none":
        return None
    if spec == "local":
        return LocalGenerator()
    endpoint = GENERATOR.fullmatch(spec)
    if endpoint is None:
        raise UsageError(
            f"There is no generator {spec!r}: use none, local, or openai:MODEL@URL, "
            "for example openai:qwen3@http://127.0.0.1:8000/v1 (the key goes into OPENAI_API_KEY, not into the URL)."
        )
    return _endpoint_generator(spec, endpoint["model"], endpoint["url"])


class LocalGenerator:
    """SmolLM2-135M-Instruct on OpenVINO, 30 ms a token on two AVX2 cores.

    Its first reply loads it: nothing is spent on it where no reply is asked for. The first time ever, the GGUF is
    converted into the user's cache folder (10 s). After that, loading takes 1 s with OpenVINO's cache of the compiled
    model (3.5 s without), and the first reply 2 s more than those that follow.
    """

    name = "SmolLM2-135M-Instruct"

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pipeline: LLMPipeline | None = None

    def reply(self, system: str, user: str, *, maximum_tokens: int) -> str:
        """The text that answers these two messages; one at a time, others wait."""
        models.import_openvino()
        import openvino_genai

        messages = [{"role": "system", "content": _plain(system)}, {"role": "user", "content": _plain(user)}]
        with self._lock:
            if self._pipeline is None:
                self._pipeline = _load_pipeline()
            tokenizer = self._pipeline.get_tokenizer()
            settings = openvino_genai.GenerationConfig(
                max_new_tokens=maximum_tokens, do_sample=False, apply_chat_template=False
            )
            settings.set_eos_token_id(tokenizer.get_eos_token_id())
            prompt = tokenizer.apply_chat_template(messages, add_generation_prompt=True)
            try:
                text = str(self._pipeline.generate(prompt, settings))
            except RuntimeError as error:
                raise GeneratorError(f"{self.name} failed ({error}): use --generator none.") from error
        return _not_empty(text, self.name)


def _plain(text: str) -> str:
    """Text in which no run of characters can be read as one of the model's own markers (``<|im_end|>``)."""
    return text.replace("<|", "< |")


def _not_empty(text: str, name: str) -> str:
    if not text.strip():
        raise GeneratorError(f"{name} gave an empty reply: ask again, or use --generator none.")
    return text.strip()


def _load_pipeline() -> LLMPipeline:
    import openvino_genai

    converted = models.derived_folder("generators", models.LANGUAGE_MODEL.sha256)
    if not converted.is_dir():
        models.verify_pinned(models.LANGUAGE_MODEL)
        with models.made_whole(converted) as target:
            _convert(models.pinned_folder(models.LANGUAGE_MODEL) / models.LANGUAGE_MODEL.file, target)
    # Only attention as an ordinary graph loads from the cache (1 s); paged attention takes 4 s either way.
    return openvino_genai.LLMPipeline(converted, "CPU", ATTENTION_BACKEND="SDPA", CACHE_DIR=str(converted / "compiled"))


def _convert(weights: Path, target: Path) -> None:
    """Fill ``target`` with the OpenVINO form of a GGUF, which OpenVINO writes beside it: so it is linked there."""
    import openvino_genai

    link = target / weights.name
    link.symlink_to(weights)
    openvino_genai.LLMPipeline(link, "CPU", enable_save_ov_model=True)
    link.unlink()


class LlamaIndexGenerator:
    """Any LlamaIndex LLM. How long its replies get is its own setting, unless its keyword for that is named."""

    def __init__(self, llm: LLM, *, name: str | None = None, limit_keyword: str | None = None) -> None:
        self.name = name or f"{type(llm).__name__} {llm.metadata.model_name}"
        self._llm = llm
        self._limit_keyword = limit_keyword

    def reply(self, system: str, user: str, *, maximum_tokens: int) -> str:
        """The text that answers these two messages; what the LLM raises becomes the cause of a GeneratorError."""
        from llama_index.core.llms import ChatMessage

        messages = [ChatMessage(role="system", content=system), ChatMessage(role="user", content=user)]
        limit = {self._limit_keyword: maximum_tokens} if self._limit_keyword else {}
        try:
            text = self._llm.chat(messages, **limit).message.content
        except Exception as error:  # every LLM has exceptions of its own
            raise GeneratorError(
                f"{self.name} could not be used ({type(error).__name__}: {error}): "
                "check that it runs and accepts the model and key, or use --generator none."
            ) from error
        return _not_empty(text or "", self.name)


def _endpoint_generator(spec: str, model: str, url: str) -> Generator:
    try:
        import httpx
        from llama_index.llms.openai_like import OpenAILike
    except ImportError as error:
        raise GeneratorError(f'{spec} needs a missing package: run `pip install "askseoul[openai]"`.') from error
    llm = OpenAILike(
        model=model,
        api_base=url,
        api_key=os.environ.get("OPENAI_API_KEY") or "none",
        is_chat_model=True,
        context_window=CONTEXT_WINDOW,
        temperature=0,
        timeout=60,
        # Only connections are tried again: a server that has begun to answer may have counted the request.
        max_retries=0,
        http_client=httpx.Client(transport=httpx.HTTPTransport(retries=2), timeout=60),  # type: ignore[call-arg]
    )
    return LlamaIndexGenerator(llm, name=spec, limit_keyword="max_tokens")
