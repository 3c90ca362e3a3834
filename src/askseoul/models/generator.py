"""Text generators and their prompts: SmolLM2 on this machine, an OpenAI-compatible endpoint, or any LlamaIndex LLM.

A generator turns a system message and a user message into text, which is a draft: nothing here checks it. Prompts are
plain files with ``$fields``. Lines at the start of a prompt file that begin with ``#`` explain its wording and are not
sent. Values filled in are data: a ``$`` in them is kept as it is.
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
"""Tokens that an endpoint is assumed to read; LlamaIndex assumes 3,900 for a model that it does not know."""
REPLY_TIMEOUTS: Final = 5
"""The time limit of a whole reply, in multiples of the time for which an endpoint may be silent."""
CHARACTERS_PER_TOKEN: Final = 10
"""Characters of a reply that are read per requested token: twice what English needs."""
SCHEMA_REFUSED: Final = (400, 404, 415, 422, 501)
"""HTTP statuses with which servers refuse a response format that they do not support."""
PROMPT_FOLDERS: Final = (Path(__file__).parents[1] / "prompt_files", Path(__file__).parents[3] / "prompts")
"""Where prompts are found, first match wins: in an installed package, in a checkout."""

logger = logging.getLogger(__name__)


class Generator(Protocol):
    """Writes text. Safe from several threads. Greedy: equal messages give equal text, if the engine allows it."""

    @property
    def name(self) -> str:
        """The model's name, as shown in an answer's trace."""

    @property
    def capable(self) -> bool:
        """Whether the model follows instructions: it can answer in JSON and reword a question."""

    def reply(
        self, system: str, user: str, *, maximum_tokens: int, schema: Mapping[str, Any] | None = None
    ) -> Iterator[str]:
        """Yield the pieces of the reply as they arrive.

        A capable generator is given the JSON ``schema`` of the reply. Raises GeneratorError, possibly between two
        pieces, and if the reply is empty.
        """


def load_generator(spec: str, timeout: float = TIMEOUT) -> Generator | None:
    """Return the generator for ``none`` (None), ``local`` or ``openai:MODEL@URL``.

    ``local`` loads its model at its first reply. The key of an endpoint is read from ``OPENAI_API_KEY``, and may be
    missing. An endpoint may be silent for ``timeout`` seconds and take REPLY_TIMEOUTS times as long for a whole reply.
    Raises UsageError for any other ``spec``, GeneratorError if the package for endpoints is not installed, ModelError
    if the local model is not.
    """
    if spec == "none":
        return None
    if spec == "local":
        weights.pinned_folder(weights.LANGUAGE_MODEL)
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

    The model is loaded at the first reply. The very first time, the GGUF file is converted and kept in the user's cache
    folder (10 s). After that, loading takes 1 s with OpenVINO's cache of the compiled model (3.5 s without), and the
    first reply takes 2 s longer than later ones.
    """

    name = "SmolLM2-135M-Instruct"
    capable = False

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pipeline: LLMPipeline | None = None

    def reply(
        self, system: str, user: str, *, maximum_tokens: int, schema: Mapping[str, Any] | None = None
    ) -> Iterator[str]:
        """Yield the whole reply in one piece, one thread at a time. ``schema`` is ignored. Raises GeneratorError."""
        weights.import_openvino()
        import openvino_genai

        messages = [
            {"role": "system", "content": _without_markers(system)},
            {"role": "user", "content": _without_markers(user)},
        ]
        with self._lock:
            if self._pipeline is None:
                self._pipeline = weights.load_in_thread(_load_pipeline)
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
            raise _empty_reply(self.name)
        yield text.strip()


class LlamaIndexGenerator:
    """Any LlamaIndex LLM. ``limit_keyword`` names its argument for the maximum number of tokens, if it has one."""

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
        """Yield the pieces of the reply. Raises GeneratorError, caused by whatever the LLM raises.

        A server that refuses response formats is asked again without one; one that does not stream is asked for the
        whole text. Reading stops once a reply is much longer than requested, so that no reply is endless.
        """
        from llama_index.core.llms import ChatMessage

        messages = [ChatMessage(role="system", content=system), ChatMessage(role="user", content=user)]
        options: dict[str, Any] = {self._limit_keyword: maximum_tokens} if self._limit_keyword else {}
        format_ = {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}}
        formatted = {**options, "response_format": format_} if schema and self._takes_schema else options
        started, length, has_text = time.monotonic(), 0, False
        try:
            for piece in self._pieces(messages, formatted, options):
                has_text = has_text or bool(piece.strip())
                length += len(piece)
                yield piece
                if length > CHARACTERS_PER_TOKEN * maximum_tokens:
                    logger.warning("%s wrote more than was requested; the rest is ignored.", self.name)
                    break
                if self._deadline is not None and time.monotonic() - started > self._deadline:
                    raise TimeoutError(f"its reply took longer than {self._deadline:g} s")
        except Exception as error:  # every LLM has exceptions of its own
            raise GeneratorError(
                f"{self.name} could not be used ({type(error).__name__}: {error}): "
                "check that it runs and accepts the model and key, give it more time with ASKSEOUL_TIMEOUT, "
                "or use --generator none."
            ) from error
        if not has_text:
            raise _empty_reply(self.name)

    def _pieces(self, messages: list[ChatMessage], formatted: dict[str, Any], options: dict[str, Any]) -> Iterator[str]:
        try:
            has_text = False
            for response in self._llm.stream_chat(messages, **formatted):
                has_text = has_text or bool(response.delta)
                yield response.delta or ""
            if has_text:
                return
        except NotImplementedError:
            pass  # an LLM without streaming
        except Exception as error:
            if has_text or formatted is options or getattr(error, "status_code", None) not in SCHEMA_REFUSED:
                raise
            logger.warning("%s does not support response formats and is asked without one.", self.name)
            yield from self._pieces(messages, options, options)
            return
        yield self._llm.chat(messages, **formatted).message.content or ""


class EndpointGenerator:
    """An OpenAI-compatible chat endpoint.

    Each reply has its own connection, closed when the reply ends: nobody closes a generator, so a reply that is not
    read to its end would keep a shared connection open.
    """

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
        """Yield the pieces of the reply, as ``LlamaIndexGenerator.reply`` does. Raises GeneratorError."""
        import httpx
        from llama_index.llms.openai_like import OpenAILike

        # Only connecting is retried: a server that has begun to answer may have counted the request.
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
            generator = LlamaIndexGenerator(
                llm,
                name=self.name,
                limit_keyword="max_tokens",
                takes_schema=True,
                deadline=REPLY_TIMEOUTS * self._timeout,
            )
            yield from generator.reply(system, user, maximum_tokens=maximum_tokens, schema=schema)


def load_prompt(name: str) -> Template:
    """Return the prompt in ``name``.txt without its comments. Raises PromptError if there is no such file."""
    for folder in PROMPT_FOLDERS:
        path = folder / f"{name}.txt"
        if path.is_file():
            lines = path.read_text(encoding="utf-8").splitlines()
            return Template("\n".join(itertools.dropwhile(lambda line: line.startswith("#"), lines)).strip())
    folders = " or ".join(map(str, PROMPT_FOLDERS))
    raise PromptError(f"There is no prompt {name}.txt in {folders}: install AskSeoul again.")


def prompt_files() -> list[Path]:
    """Return the files that ``load_prompt`` reads, sorted by name."""
    found = {path.name: path for folder in reversed(PROMPT_FOLDERS) if folder.is_dir() for path in folder.glob("*.txt")}
    return [found[name] for name in sorted(found)]


def fill_prompt(name: str, **fields: str) -> str:
    """Return the prompt ``name`` with its fields filled. Raises PromptError unless ``fields`` are exactly those."""
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


def _without_markers(text: str) -> str:
    """Return the text with ``<|`` split, so that nothing in it can be read as the model's markers (``<|im_end|>``)."""
    return text.replace("<|", "< |")


def _empty_reply(name: str) -> GeneratorError:
    return GeneratorError(f"{name} gave an empty reply: ask again, or use --generator none.")


def _load_pipeline() -> LLMPipeline:
    import openvino_genai

    converted = weights.converted_folder("generators", weights.LANGUAGE_MODEL.sha256)
    if not converted.is_dir():
        weights.verify_pinned(weights.LANGUAGE_MODEL)
        with weights.atomic_folder(converted) as target:
            _convert(weights.pinned_folder(weights.LANGUAGE_MODEL) / weights.LANGUAGE_MODEL.file, target)
    # Only the ordinary attention graph (SDPA) is loaded from the cache, in 1 s; paged attention takes 4 s regardless.
    return openvino_genai.LLMPipeline(converted, "CPU", ATTENTION_BACKEND="SDPA", CACHE_DIR=str(converted / "compiled"))


def _convert(gguf: Path, target: Path) -> None:
    """Write the OpenVINO form of a GGUF file to ``target``. OpenVINO writes it beside the GGUF, so that is linked."""
    import openvino_genai

    link = target / gguf.name
    link.symlink_to(gguf)
    openvino_genai.LLMPipeline(link, "CPU", enable_save_ov_model=True)
    link.unlink()
