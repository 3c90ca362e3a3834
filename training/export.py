"""Write a trained run as a folder of weights: the encoder as an OpenVINO graph in 8 bits, the heads, a manifest.

``python -m training.export RUN`` writes the weights that the package ships; ``--to FOLDER`` writes them elsewhere, for
``ASKSEOUL_READER``. Run ``python -m training.evaluate RUN`` first, which calibrates.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import nncf
import numpy as np
import torch

from askseoul.models import weights
from askseoul.models.graph import as_graph
from askseoul.models.reader import CONSTANTS, FORMAT, GRAPH, HEADS, MANIFEST, SHIPPED, TOKENIZER
from training.model import ReaderModel
from training.train import BASE


def main() -> None:
    """Export a run."""
    parser = argparse.ArgumentParser(prog="python -m training.export", description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--name", default="askseoul-reader-1", help="name and version, shown in an answer's trace")
    parser.add_argument("--base", type=Path, default=BASE)
    parser.add_argument("--to", type=Path, default=SHIPPED)
    options = parser.parse_args()
    calibration = options.run / "calibration.json"
    if not calibration.is_file():
        raise SystemExit(f"{calibration} is missing: run `python -m training.evaluate {options.run}` first.")
    model = ReaderModel(options.base)
    model.load_state_dict(torch.load(options.run / "model.pt", map_location="cpu"))
    export(model, options.base, json.loads(calibration.read_text(encoding="utf-8")), options.name, options.to)


def export(model: ReaderModel, base: Path, calibration: object, name: str, folder: Path) -> None:
    """Write the weights, the tokenizer of the base, and the manifest to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    openvino = weights.import_openvino()
    graph = nncf.compress_weights(as_graph(model.encoder.eval()), mode=nncf.CompressWeightsMode.INT8_SYM)
    openvino.save_model(graph, folder / GRAPH, compress_to_fp16=True)
    heads = {name: weight.half().numpy() for name, weight in model.head_weights().items()}
    np.savez(folder / HEADS, allow_pickle=False, **heads)
    shutil.copyfile(base / "tokenizer.json", folder / TOKENIZER)
    files = {file: weights.sha256_of_file(folder / file) for file in (GRAPH, CONSTANTS, HEADS, TOKENIZER)}
    manifest = {"format": FORMAT, "name": name, "files": files, "calibration": calibration}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    size = sum((folder / file).stat().st_size for file in files)
    print(f"{folder}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
