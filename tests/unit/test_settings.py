"""Settings from the environment and the command line, and how invalid ones are reported."""

from __future__ import annotations

import dataclasses
import logging
from pathlib import Path

import pytest

from askseoul.errors import UsageError
from askseoul.settings import GENERATOR, VARIABLES, Settings


def test_defaults():
    assert Settings.resolve({}) == Settings(index=Path("index"), encoder=None, precision="auto", generator="none")


def test_every_variable_is_read():
    environment = {
        "ASKSEOUL_INDEX": "/srv/papers.index",
        "ASKSEOUL_ENCODER": "/srv/models/e5",
        "ASKSEOUL_PRECISION": "f32",
        "ASKSEOUL_READER": "/srv/models/reader",
        "ASKSEOUL_GENERATOR": "local",
        "ASKSEOUL_TIMEOUT": "90",
        "ASKSEOUL_STRICTNESS": "strict",
    }
    assert Settings.resolve(environment) == Settings(
        Path("/srv/papers.index"), "/srv/models/e5", "f32", Path("/srv/models/reader"), "local", 90.0, "strict"
    )


@pytest.mark.parametrize("value", ["lenient", "balanced", "strict"])
def test_how_sure_an_answer_must_be(value):
    assert Settings.resolve({}, strictness=value).strictness == value
    assert Settings.resolve({"ASKSEOUL_STRICTNESS": value}).strictness == value


@pytest.mark.parametrize("value", ["soon", "0", "-1", "nan", "inf", "3601", "1e9", "٣x"])
def test_an_invalid_timeout_is_rejected(value):
    with pytest.raises(UsageError, match=r"ASKSEOUL_TIMEOUT is .*: give seconds between 0 and 3600"):
        Settings.resolve({"ASKSEOUL_TIMEOUT": value})


def test_the_command_line_takes_precedence_over_the_environment():
    environment = {"ASKSEOUL_INDEX": "theirs", "ASKSEOUL_GENERATOR": "local", "ASKSEOUL_STRICTNESS": "strict"}
    options = {"index": "mine", "generator": "none", "strictness": "balanced"}
    assert Settings.resolve(environment, **options) == Settings(index=Path("mine"))


def test_an_invalid_variable_is_ignored_when_the_command_line_replaces_it():
    assert Settings.resolve({"ASKSEOUL_GENERATOR": "gpt"}, generator="local").generator == "local"
    assert Settings.resolve({"ASKSEOUL_STRICTNESS": "sure"}, strictness="lenient").strictness == "lenient"


def test_an_empty_variable_counts_as_unset():
    assert Settings.resolve(dict.fromkeys(VARIABLES, "")) == Settings()


def test_the_home_folder_is_expanded(monkeypatch):
    monkeypatch.setenv("HOME", "/home/서울")
    assert Settings.resolve({}, index="~/papers.index").index == Path("/home/서울/papers.index")


@pytest.mark.parametrize(
    ("generator", "model", "url"),
    [
        pytest.param("openai:qwen3@http://127.0.0.1:8000/v1", "qwen3", "http://127.0.0.1:8000/v1", id="plain"),
        pytest.param("openai:@cf/llama@https://host/v1", "@cf/llama", "https://host/v1", id="at-sign-in-model"),
        pytest.param("openai:org/model:8b@https://host", "org/model:8b", "https://host", id="slash-and-colon-in-model"),
    ],
)
def test_a_served_generator_is_a_model_at_a_url(generator, model, url):
    assert Settings.resolve({}, generator=generator).generator == generator
    match = GENERATOR.fullmatch(generator)
    assert match
    assert match.group("model", "url") == (model, url)


@pytest.mark.parametrize(
    ("environment", "arguments", "parts"),
    [
        pytest.param({"ASKSEOUL_PRECISION": "f16"}, {}, ["ASKSEOUL_PRECISION", "'f16'", "auto or f32"], id="precision"),
        pytest.param(
            {"ASKSEOUL_GENERATOR": "gpt-5"}, {}, ["ASKSEOUL_GENERATOR", "'gpt-5'", "none, local"], id="generator"
        ),
        pytest.param({}, {"generator": "openai:gpt"}, ["--generator", "openai:MODEL@URL"], id="no-url"),
        pytest.param({}, {"generator": "openai:m@ftp://host"}, ["--generator", "'openai:m@ftp://host'"], id="not-http"),
        pytest.param({}, {"generator": "openai:m@https://me:key@host"}, ["OPENAI_API_KEY"], id="key-in-url"),
        pytest.param({}, {"generator": ""}, ["--generator", "''"], id="empty-generator"),
        pytest.param(
            {"ASKSEOUL_STRICTNESS": "sure"},
            {},
            ["ASKSEOUL_STRICTNESS", "“sure”", "lenient, balanced or strict"],
            id="strictness",
        ),
        pytest.param({}, {"strictness": "Strict"}, ["--strictness", "“Strict”"], id="strictness-capitalised"),
        pytest.param({}, {"strictness": "엄격"}, ["--strictness", "“엄격”"], id="strictness-in-korean"),
        pytest.param({}, {"strictness": ""}, ["--strictness", "“”"], id="empty-strictness"),
        pytest.param({}, {"index": ""}, ["--index", "name a folder"], id="empty-index"),
        pytest.param({}, {"index": "a\0b"}, ["--index", "name a folder"], id="nul-in-index"),
        pytest.param({"ASKSEOUL_INDEX": "~no-such-user/i"}, {}, ["ASKSEOUL_INDEX", "in full"], id="no-such-home"),
    ],
)
def test_an_invalid_value_is_reported_with_its_source_and_what_is_allowed(environment, arguments, parts):
    with pytest.raises(UsageError) as raised:
        Settings.resolve(environment, **arguments)
    for part in parts:
        assert part in str(raised.value)


def test_an_unknown_variable_is_logged(caplog):
    with caplog.at_level(logging.WARNING):
        Settings.resolve({"ASKSEOUL_INDX": "papers", "ASKSEOUL_PORT": "7860", "HOME": "/home/me"})
    assert [record.getMessage().split()[0] for record in caplog.records] == ["ASKSEOUL_INDX"]


def test_settings_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().index = Path("elsewhere")


# Serving the page


@pytest.mark.parametrize("value", ["1", "80", "7860", "65535", "07860"])
def test_a_port_is_read_from_the_environment_and_the_command_line(value):
    assert Settings.resolve({"ASKSEOUL_PORT": value}).port == int(value)
    assert Settings.resolve({}, port=value).port == int(value)
    assert Settings.resolve({"ASKSEOUL_PORT": "7861"}, port=value).port == int(value)
    assert Settings.resolve({"ASKSEOUL_PORT": "none"}, port=value).port == int(value)


@pytest.mark.parametrize(
    "value",
    [
        "0",
        "-1",
        "65536",
        "70000",
        "999999",
        "80.0",
        "1e3",
        "port",
        " 80",
        "80\n",
        "٨٠",
        "８０",
        "+80",
        "0x50",
        "팔십",
        "\ud800",
    ],
    ids=ascii,
)
def test_an_invalid_port_is_rejected(value):
    with pytest.raises(
        UsageError, match=r"^ASKSEOUL_PORT is .*: give a port from 1 to 65535, as in ASKSEOUL_PORT=7860$"
    ):
        Settings.resolve({"ASKSEOUL_PORT": value})
    with pytest.raises(UsageError, match=r"^--port is .*: give a port from 1 to 65535, as in --port=7860$"):
        Settings.resolve({}, port=value)


@pytest.mark.parametrize(
    "password", ["secret", " ", "한국어 🙂 e\u0301", "\ud800", "a:b", "x" * 10_000], ids=lambda given: ascii(given)[:12]
)
def test_a_password_is_kept_unchanged_and_never_shown(password):
    settings = Settings.resolve({"ASKSEOUL_PASSWORD": password})
    assert settings.password == password
    assert repr(settings) == repr(Settings())
    assert "password" not in str(settings)


def test_without_variables_there_is_no_port_and_no_password():
    for environment in ({}, {"ASKSEOUL_PORT": "", "ASKSEOUL_PASSWORD": ""}):
        settings = Settings.resolve(environment)
        assert (settings.port, settings.password) == (None, None)
    assert Settings.resolve({}, port="").port is None
