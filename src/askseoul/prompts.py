"""What an LLM is told: plain files with ``$fields``, filled here.

A prompt's leading lines that start with ``#`` give the reason for its wording and are not sent. What is filled in is
data: a ``$`` inside it stays as it is.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from string import Template
from typing import Final

from askseoul.errors import PromptError

FOLDERS: Final = (Path(__file__).parent / "prompt_files", Path(__file__).parents[2] / "prompts")
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
