"""Text generators and their prompts: a model on this machine, an OpenAI-compatible endpoint, or any LlamaIndex LLM.

A generator turns a system message and a user message into text, which is a draft: nothing here checks it. Prompts are
plain files with ``$fields``. Lines at the start of a prompt file that begin with ``#`` explain its wording and are not
sent. Values filled in are data: a ``$`` in them is kept as it is.
"""

from __future__ import annotations

import hashlib
import itertools
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import urlsplit

from askseoul.errors import GeneratorError, PromptError, ReplyUnusable, UsageError
from askseoul.models import weights
from askseoul.models.endpoint import CHARACTERS_PER_TOKEN, EndpointGenerator, Notice
from askseoul.settings import GENERATOR, GENERATORS, TIMEOUT

if TYPE_CHECKING:
    from llama_index.core.llms import LLM, ChatMessage
    from openvino_genai import LLMPipeline


SMALL: Final = 500_000_000
"""Bytes of a GGUF file below which a model is not expected to follow instructions: 0.8 billion weights of 4 bits."""
OLLAMA: Final = "http://127.0.0.1:11434"
"""Where Ollama listens unless OLLAMA_HOST says otherwise."""
PROMPT_FOLDERS: Final = (Path(__file__).parents[1] / "prompt_files", Path(__file__).parents[3] / "prompts")
"""Where prompts are found, first match wins: in an installed package, in a checkout."""

_OPENVINO_ERRORS: Final = (RuntimeError, IndexError, ValueError, MemoryError)
"""What OpenVINO raises for models that it can't load."""
_CONVERT: Final = (
    "import sys; from pathlib import Path; from askseoul.models.generator import convert; "
    "convert(*map(Path, sys.argv[1:]))"
)

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
    ) -> Iterator[str | Notice]:
        """Yield the pieces of the reply as they arrive, and notices of what takes time.

        A capable generator is given the JSON ``schema`` of the reply. Raises GeneratorError, possibly between two
        pieces, and if the reply is empty.
        """


def load_generator(spec: str, timeout: float = TIMEOUT) -> Generator | None:
    """Return the generator of this name, one of ``settings.GENERATORS``; None for ``none``.

    Models on this machine are loaded at their first reply. The key of an endpoint is read from ``OPENAI_API_KEY``, and
    may be missing. An endpoint may be silent for ``timeout`` seconds. Raises UsageError for any other ``spec`` and for
    a GGUF file that is none, ModelError if the local model is not installed.
    """
    if spec == "none":
        return None
    if spec == "local":
        weights.pinned_folder(weights.LANGUAGE_MODEL)
        return LocalGenerator()
    named = GENERATOR.fullmatch(spec)
    if named is None:
        raise UsageError(f"There is no generator {spec!r}: use {GENERATORS}.")
    if named["gguf"]:
        return LocalGenerator(Path(named["gguf"]).expanduser())
    if named["ollama"]:
        start = f"run `ollama serve` and `ollama pull {named['ollama']}`"
        return EndpointGenerator(spec, named["ollama"], ollama_url(os.environ.get("OLLAMA_HOST", "")), timeout, start)
    return EndpointGenerator(spec, named["model"], named["url"], timeout)


def ollama_url(host: str) -> str:
    """Return the URL of Ollama's chat endpoint for a value of OLLAMA_HOST, in any of the forms that Ollama takes."""
    written = host.strip(" \"'")
    parts = urlsplit(written if "://" in written else f"//{written}")
    default = urlsplit(OLLAMA)
    scheme = parts.scheme or default.scheme
    name = parts.hostname or str(default.hostname)
    if name in ("0.0.0.0", "::"):
        name = str(default.hostname)
    try:
        port = parts.port
    except ValueError as error:
        raise UsageError(f"OLLAMA_HOST is {host!r}: give HOST:PORT, as in 127.0.0.1:11434.") from error
    if port is None and not parts.scheme:
        port = default.port
    return f"{scheme}://{f'[{name}]' if ':' in name else name}{f':{port}' if port else ''}{parts.path.rstrip('/')}/v1"


class LocalGenerator:
    """A GGUF model on OpenVINO; SmolLM2-135M-Instruct takes 30 ms a token on two AVX2 cores.

    The model is loaded at the first reply. The very first time, the GGUF file is converted and kept in the user's cache
    folder (10 s). After that, loading takes 1 s with OpenVINO's cache of the compiled model (3.5 s without), and the
    first reply takes 2 s longer than later ones.
    """

    def __init__(self, gguf: Path | None = None) -> None:
        """``gguf`` is a file of another model than SmolLM2. Raises UsageError if it is none."""
        if gguf is not None:
            _require_gguf(gguf)
        self.name = "SmolLM2-135M-Instruct" if gguf is None else f"llamacpp:{gguf}"
        self.capable = gguf is not None and gguf.stat().st_size >= SMALL
        self._gguf = gguf
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
                self._pipeline = self._load()
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

    def _load(self) -> LLMPipeline:
        """The model, ready to generate. Raises GeneratorError if OpenVINO can't load it."""
        if self._gguf is None:
            return weights.load_in_thread(_load_pinned)
        gguf = self._gguf
        try:
            return weights.load_in_thread(lambda: _load_gguf(gguf))
        except _OPENVINO_ERRORS as error:
            raise GeneratorError(
                f"OpenVINO can't load {gguf} ({' '.join(str(error).split())[-200:]}): serve it with "
                f"`llama-server -m {gguf}` and use --generator openai:MODEL@http://127.0.0.1:8080/v1."
            ) from error


class LlamaIndexGenerator:
    """Any LlamaIndex LLM."""

    capable = True

    def __init__(self, llm: LLM) -> None:
        self.name = f"{type(llm).__name__} {llm.metadata.model_name}"
        self._llm = llm

    def reply(
        self, system: str, user: str, *, maximum_tokens: int, schema: Mapping[str, Any] | None = None
    ) -> Iterator[str]:
        """Yield the pieces of the reply. Raises GeneratorError, caused by whatever the LLM raises.

        ``schema`` is ignored. An LLM that does not stream is asked for the whole text. Reading stops once a reply is
        much longer than requested, so that no reply is endless.
        """
        from llama_index.core.llms import ChatMessage

        messages = [ChatMessage(role="system", content=system), ChatMessage(role="user", content=user)]
        length, has_text = 0, False
        try:
            for piece in self._pieces(messages):
                has_text = has_text or bool(piece.strip())
                length += len(piece)
                yield piece
                if length > CHARACTERS_PER_TOKEN * maximum_tokens:
                    logger.warning("%s wrote more than was requested; the rest is ignored.", self.name)
                    break
        except Exception as error:  # every LLM has exceptions of its own
            raise GeneratorError(
                f"{self.name} could not be used ({type(error).__name__}: {error}): "
                "check that it runs and accepts the model and key, or ask without it."
            ) from error
        if not has_text:
            raise _empty_reply(self.name)

    def _pieces(self, messages: list[ChatMessage]) -> Iterator[str]:
        has_text = False
        try:
            for response in self._llm.stream_chat(messages):
                has_text = has_text or bool(response.delta)
                yield response.delta or ""
        except NotImplementedError:
            pass  # an LLM without streaming
        if not has_text:
            yield self._llm.chat(messages).message.content or ""


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
    return ReplyUnusable(f"{name} gave an empty reply: ask again, or use --generator none.")


def _require_gguf(path: Path) -> None:
    """Raises UsageError unless the file can be read and is a GGUF file."""
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise UsageError(f"The model {path} can't be read ({error.strerror}): give the path of a GGUF file.") from error
    if magic != b"GGUF":
        raise UsageError(f"{path} is not a GGUF file: give one, or serve the model and use openai:MODEL@URL.")


def _load_pinned() -> LLMPipeline:
    converted = weights.converted_folder("generators", weights.LANGUAGE_MODEL.sha256)
    if not converted.is_dir():
        weights.verify_pinned(weights.LANGUAGE_MODEL)
        with weights.atomic_folder(converted) as target:
            convert(weights.pinned_folder(weights.LANGUAGE_MODEL) / weights.LANGUAGE_MODEL.file, target)
    return _load_converted(converted)


def _load_gguf(gguf: Path) -> LLMPipeline:
    """Load a file of the user's, known by its place, size and time: reading a large one for its sha256 takes long.

    It is converted in another process, since OpenVINO crashes on a file whose download was interrupted.
    Raises GeneratorError for such a file, and _OPENVINO_ERRORS.
    """
    state = gguf.stat()
    key = f"{gguf.resolve()} {state.st_size} {state.st_mtime_ns}"
    converted = weights.converted_folder("generators", hashlib.sha256(key.encode()).hexdigest())
    if not converted.is_dir():
        with weights.atomic_folder(converted) as target:
            command = [sys.executable, "-c", _CONVERT, str(gguf.resolve()), str(target)]
            done = subprocess.run(command, capture_output=True, check=False)
            if done.returncode < 0:
                raise GeneratorError(
                    f"OpenVINO can't load {gguf}, which is damaged or cut short: download it again, "
                    "or use --generator none."
                )
            if done.returncode:
                raise RuntimeError(done.stderr.decode(errors="replace"))
    return _load_converted(converted)


def _load_converted(converted: Path) -> LLMPipeline:
    import openvino_genai

    # Only the ordinary attention graph (SDPA) is loaded from the cache, in 1 s; paged attention takes 4 s regardless.
    return openvino_genai.LLMPipeline(converted, "CPU", ATTENTION_BACKEND="SDPA", CACHE_DIR=str(converted / "compiled"))


def convert(gguf: Path, target: Path) -> None:
    """Write the OpenVINO form of a GGUF file to ``target``. OpenVINO writes it beside the GGUF, so that is linked."""
    weights.import_openvino()
    import openvino_genai

    link = target / gguf.name
    link.symlink_to(gguf)
    openvino_genai.LLMPipeline(link, "CPU", enable_save_ov_model=True)
    link.unlink()
