"""What ``evals.quality.reader`` keeps of a file of figures."""

from __future__ import annotations

import json

from evals.quality.reader import keep_results


def test_the_figures_of_the_rules_stay_on_record(tmp_path):
    path = tmp_path / "shipped.json"
    path.write_text(json.dumps({"rules": {"claims: AUROC": 0.5856}, "public": {"old": 1}, "tokens": 3}))
    keep_results(path, {"public": {"WiCE": {"auroc": 0.123456}}})
    assert json.loads(path.read_text()) == {
        "rules": {"claims: AUROC": 0.5856},
        "public": {"WiCE": {"auroc": 0.1235}},
    }


def test_a_new_file_has_the_figures_alone(tmp_path):
    keep_results(tmp_path / "new.json", {"public": {}, "tokens": 76.5})
    assert json.loads((tmp_path / "new.json").read_text()) == {"public": {}, "tokens": 76.5}
