"""Write a trained run as a folder of weights: the encoder as an OpenVINO graph in 8 bits, the heads, a manifest.

``python -m training.export RUN`` writes the weights that the package ships; ``--to FOLDER`` writes them elsewhere, for
``ASKSEOUL_READER``. Run ``python -m training.evaluate RUN`` first, which calibrates.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from askseoul.models import weights
from askseoul.models.graph import as_graph
from askseoul.models.reader import CONSTANTS, FORMAT, GRAPH, HEADS, MANIFEST, SHIPPED, TOKENIZER
from training.model import ReaderModel
from training.train import BASE

LARGEST: Final = 50_000_000
"""Most bytes of the weights."""


def main() -> None:
    """Export a run."""
    parser = argparse.ArgumentParser(prog="python -m training.export", description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--name", default="askseoul-reader-1", help="name and version, shown in an answer's trace")
    parser.add_argument("--base", type=Path, default=BASE)
    parser.add_argument("--to", type=Path, default=SHIPPED)
    options = parser.parse_args()
    trained, calibration_file = options.run / "model.pt", options.run / "calibration.json"
    fitted = json.loads(calibration_file.read_text(encoding="utf-8")) if calibration_file.is_file() else {}
    if fitted.get("model") != weights.sha256_of_file(trained):
        raise SystemExit(f"{trained} is not calibrated: run `python -m training.evaluate {options.run}` first.")
    model = ReaderModel(options.base)
    model.load_state_dict(torch.load(trained, map_location="cpu"))
    size = export(model, options.base / "tokenizer.json", fitted["calibration"], options.name, options.to, in_8_bits)
    print(f"{options.to}: {size / 1e6:.1f} MB")
    if size > LARGEST:
        raise SystemExit(f"That is more than the {LARGEST / 1e6:.0f} MB that the package may bring.")


def export(
    model: ReaderModel, tokenizer: Path, calibration: object, name: str, folder: Path, compress: Callable[[Any], Any]
) -> int:
    """Write the compressed graph, the heads, the tokenizer and the manifest to a folder; return their size in bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    openvino = weights.import_openvino()
    openvino.save_model(compress(as_graph(model.encoder.eval())), folder / GRAPH, compress_to_fp16=True)
    heads = {weight_name: weight.half().numpy() for weight_name, weight in model.head_weights().items()}
    np.savez(folder / HEADS, allow_pickle=False, **heads)
    shutil.copyfile(tokenizer, folder / TOKENIZER)
    files = {file: weights.sha256_of_file(folder / file) for file in (GRAPH, CONSTANTS, HEADS, TOKENIZER)}
    manifest = {"format": FORMAT, "name": name, "files": files, "calibration": calibration}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    return sum((folder / file).stat().st_size for file in (*files, MANIFEST))


def in_8_bits(graph: Any) -> Any:  # noqa: ANN401 - OpenVINO's model has no type
    """Return the graph with its matrices in 8 bits."""
    weights.import_openvino()
    import nncf  # noqa: PLC0415 - only now is the telemetry blocked, which it would load

    return nncf.compress_weights(graph, mode=nncf.CompressWeightsMode.INT8_SYM)


if __name__ == "__main__":
    main()
