"""A system and a user message into text: SmolLM2 on this machine, an OpenAI-compatible endpoint, or any LlamaIndex LLM.

What a generator writes is a draft: nothing here checks it.

What an LLM is told: plain files with ``$fields``, filled here.

A prompt's leading lines that start with ``#`` give the reason for its wording and are not sent. What is filled in is
data: a ``$`` inside it stays as it is.
"""

from __future__ import annotations

import itertools
import logging
import os
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any, Final, Protocol

from askseoul.errors import GeneratorError, PromptError, UsageError
from askseoul.models import weights
from askseoul.settings import GENERATOR, TIMEOUT

if TYPE_CHECKING:
    from llama_index.core.llms import LLM, ChatMessage
    from openvino_genai import LLMPipeline


CONTEXT_WINDOW: Final = 8192
"""Tokens that an endpoint is taken to read; LlamaIndex would assume 3,900 for a model that it does not know."""
WHOLE_REPLY: Final = 5
"""Times as long as an endpoint may be silent may its whole reply take."""
CHARACTERS_PER_TOKEN: Final = 10
"""Characters of a reply that are read for each token asked for: twice what English needs."""
REFUSING_FORMATS: Final = (400, 404, 415, 422, 501)
"""HTTP statuses with which servers answer a response format that they don't know."""

log = logging.getLogger(__name__)


class Generator(Protocol):
    """Writes text. Safe to use from several threads; greedy: same messages, same text, where the engine allows it."""

    @property
    def name(self) -> str:
        """What wrote the text, as shown in an answer's trace."""

    @property
    def capable(self) -> bool:
        """Whether it follows instructions: answers in JSON when asked to, and can be asked to reword a question."""

    def reply(
        self, system: str, user: str, *, maximum_tokens: int, schema: Mapping[str, Any] | None = None
    ) -> Iterator[str]:
        """The pieces of the text that answers these two messages, as they come; a capable one is told the JSON
        ``schema`` that the text should have. Raises GeneratorError, also between two pieces, and when there are
        none."""


def load_generator(spec: str, timeout: float = TIMEOUT) -> Generator | None:
    """The generator that ``none``, ``local`` or ``openai:MODEL@URL`` names; None for ``none``.

    ``local`` is loaded at its first reply. The key of an endpoint is read from ``OPENAI_API_KEY``; a server that needs
    none works without. An endpoint may be silent for ``timeout`` seconds, and take WHOLE_REPLY times as long in all.
    Raises UsageError for any other text, GeneratorError when the package for endpoints is missing.
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
    return EndpointGenerator(spec, endpoint["model"], endpoint["url"], timeout)


class LocalGenerator:
    """SmolLM2-135M-Instruct on OpenVINO, 30 ms a token on two AVX2 cores.

    Its first reply loads it: nothing is spent on it where no reply is asked for. The first time ever, the GGUF is
    converted into the user's cache folder (10 s). After that, loading takes 1 s with OpenVINO's cache of the compiled
    model (3.5 s without), and the first reply 2 s more than those that follow.
    """

    name = "SmolLM2-135M-Instruct"
    capable = False

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pipeline: LLMPipeline | None = None

    def reply(
        self, system: str, user: str, *, maximum_tokens: int, schema: Mapping[str, Any] | None = None
    ) -> Iterator[str]:
        """The text that answers these two messages in one piece; one at a time, others wait. It reads no schema."""
        weights.import_openvino()
        import openvino_genai

        messages = [{"role": "system", "content": _plain(system)}, {"role": "user", "content": _plain(user)}]
        with self._lock:
            if self._pipeline is None:
                self._pipeline = weights.loaded_apart(_load_pipeline)
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
        if not text.strip():
            raise _nothing_said(self.name)
        yield text.strip()


def _plain(text: str) -> str:
    """Text in which no run of characters can be read as one of the model's own markers (``<|im_end|>``)."""
    return text.replace("<|", "< |")


def _nothing_said(name: str) -> GeneratorError:
    return GeneratorError(f"{name} gave an empty reply: ask again, or use --generator none.")


def _load_pipeline() -> LLMPipeline:
    import openvino_genai

    converted = weights.derived_folder("generators", weights.LANGUAGE_MODEL.sha256)
    if not converted.is_dir():
        weights.verify_pinned(weights.LANGUAGE_MODEL)
        with weights.made_whole(converted) as target:
            _convert(weights.pinned_folder(weights.LANGUAGE_MODEL) / weights.LANGUAGE_MODEL.file, target)
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

    capable = True

    def __init__(
        self,
        llm: LLM,
        *,
        name: str | None = None,
        limit_keyword: str | None = None,
        takes_schema: bool = False,
        deadline: float | None = None,
    ) -> None:
        self.name = name or f"{type(llm).__name__} {llm.metadata.model_name}"
        self._llm = llm
        self._limit_keyword = limit_keyword
        self._takes_schema = takes_schema
        self._deadline = deadline

    def reply(
        self, system: str, user: str, *, maximum_tokens: int, schema: Mapping[str, Any] | None = None
    ) -> Iterator[str]:
        """The pieces of the text; what the LLM raises becomes the cause of a GeneratorError.

        A server that does not know response formats is asked again without one, and one that does not stream, for the
        whole text. Reading stops when a reply is much longer than was asked for, so that it can't go on for ever.
        """
        from llama_index.core.llms import ChatMessage

        messages = [ChatMessage(role="system", content=system), ChatMessage(role="user", content=user)]
        options: dict[str, Any] = {self._limit_keyword: maximum_tokens} if self._limit_keyword else {}
        format_ = {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}}
        formatted = {**options, "response_format": format_} if schema and self._takes_schema else options
        started, length, said = time.monotonic(), 0, False
        try:
            for piece in self._pieces(messages, formatted, options):
                said = said or bool(piece.strip())
                length += len(piece)
                yield piece
                if length > CHARACTERS_PER_TOKEN * maximum_tokens:
                    log.warning("%s wrote more than it was asked for; the rest is not read.", self.name)
                    break
                if self._deadline is not None and time.monotonic() - started > self._deadline:
                    raise TimeoutError(f"its reply took longer than {self._deadline:g} s")
        except Exception as error:  # every LLM has exceptions of its own
            raise GeneratorError(
                f"{self.name} could not be used ({type(error).__name__}: {error}): "
                "check that it runs and accepts the model and key, give it more time with ASKSEOUL_TIMEOUT, "
                "or use --generator none."
            ) from error
        if not said:
            raise _nothing_said(self.name)

    def _pieces(self, messages: list[ChatMessage], formatted: dict[str, Any], options: dict[str, Any]) -> Iterator[str]:
        try:
            said = False
            for response in self._llm.stream_chat(messages, **formatted):
                said = said or bool(response.delta)
                yield response.delta or ""
            if said:
                return
        except NotImplementedError:
            pass  # an LLM without streaming
        except Exception as error:
            if said or formatted is options or getattr(error, "status_code", None) not in REFUSING_FORMATS:
                raise
            log.warning("%s does not know response formats and is asked without one.", self.name)
            yield from self._pieces(messages, options, options)
            return
        yield self._llm.chat(messages, **formatted).message.content or ""


class EndpointGenerator:
    """An OpenAI-compatible chat endpoint. Each reply has a connection of its own, which ends with it: a reply that is
    not read to its end would else keep it, and nobody closes a generator."""

    capable = True

    def __init__(self, spec: str, model: str, url: str, timeout: float) -> None:
        try:
            import httpx  # noqa: F401
            import llama_index.llms.openai_like  # noqa: F401
        except ImportError as error:
            raise GeneratorError(f'{spec} needs a missing package: run `pip install "askseoul[openai]"`.') from error
        self.name = spec
        self._model, self._url, self._timeout = model, url, timeout

    def reply(
        self, system: str, user: str, *, maximum_tokens: int, schema: Mapping[str, Any] | None = None
    ) -> Iterator[str]:
        """The pieces of the text, as a ``LlamaIndexGenerator`` gives them."""
        import httpx
        from llama_index.llms.openai_like import OpenAILike

        # Only connections are tried again: a server that has begun to answer may have counted the request.
        with httpx.Client(transport=httpx.HTTPTransport(retries=2), timeout=self._timeout) as client:
            llm = OpenAILike(
                model=self._model,
                api_base=self._url,
                api_key=os.environ.get("OPENAI_API_KEY") or "none",
                is_chat_model=True,
                context_window=CONTEXT_WINDOW,
                temperature=0,
                timeout=self._timeout,
                max_retries=0,
                http_client=client,  # type: ignore[call-arg]
            )
            worded_by = LlamaIndexGenerator(
                llm,
                name=self.name,
                limit_keyword="max_tokens",
                takes_schema=True,
                deadline=WHOLE_REPLY * self._timeout,
            )
            yield from worded_by.reply(system, user, maximum_tokens=maximum_tokens, schema=schema)


FOLDERS: Final = (Path(__file__).parents[1] / "prompt_files", Path(__file__).parents[3] / "prompts")
"""Where prompts are, first match wins: in an installed package, in a checkout."""


def load_prompt(name: str) -> Template:
    """The prompt ``name``.txt without its comments; PromptError when there is none."""
    for folder in FOLDERS:
        path = folder / f"{name}.txt"
        if path.is_file():
            lines = path.read_text(encoding="utf-8").splitlines()
            return Template("\n".join(itertools.dropwhile(lambda line: line.startswith("#"), lines)).strip())
    places = " or ".join(str(folder) for folder in FOLDERS)
    raise PromptError(f"There is no prompt {name}.txt in {places}: install AskSeoul again.")


def prompt_files() -> list[Path]:
    """The files of all prompts, by name, those that ``load_prompt`` reads."""
    found = {path.name: path for folder in reversed(FOLDERS) if folder.is_dir() for path in folder.glob("*.txt")}
    return [found[name] for name in sorted(found)]


def fill_prompt(name: str, **fields: str) -> str:
    """The prompt ``name`` with every field filled; PromptError when its fields are not exactly those given."""
    template = load_prompt(name)
    if not template.is_valid():
        raise PromptError(f"The prompt {name}.txt has a $ that starts no field: write $$ for a dollar sign.")
    wanted = set(template.get_identifiers())
    if wanted != fields.keys():
        raise PromptError(
            f"The prompt {name}.txt has the fields {sorted(wanted)} and was given {sorted(fields)}: "
            "bring the file's $fields in line with the code."
        )
    return template.substitute(fields)
