"""How often the text of files in legacy encodings is right where they do not declare their encoding.

    python -m evals.quality.encodings [--texts]

The texts of ``evals/common/legacy_texts.py`` are decoded without a hint, and inside a page that states its language, as
far as they are not ASCII. Other libraries are shown for comparison. ``--texts`` lists those that are decoded wrongly.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

from charset_normalizer import from_bytes

from askseoul.ingest.encodings import ENCODINGS, decode_text
from evals.common.legacy_texts import LegacyText, legacy_texts

LENGTHS = ("long", "whole", "first", "short")


def askseoul(text: LegacyText) -> str:
    """Return the text as it is read from a file of text."""
    return decode_text(text.content)[0]


def askseoul_page(text: LegacyText) -> str:
    """Return the text as it is read from a page that states its language."""
    return decode_text(b"<html><body><p>" + text.content, language=text.language)[0].partition("<p>")[2]


def charset_normalizer(text: LegacyText) -> str:
    """Return the text as charset-normalizer decodes it, which chooses among the same encodings."""
    best = from_bytes(text.content, cp_isolation=sorted(set(ENCODINGS.values())), preemptive_behaviour=False).best()
    return str(best)


def right(decode: Callable[[LegacyText], str], texts: list[LegacyText]) -> str:
    """Return how many of the texts are decoded without a wrong character."""
    return f"{sum(decode(text) == text.expected for text in texts)}/{len(texts)}"


def main() -> None:
    """Print a table of how many texts are right, by their length."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", action="store_true", help="list the texts that are decoded wrongly")
    arguments = parser.parse_args()
    texts = [text for text in legacy_texts() if not text.content.isascii()]
    print(f"| | {' | '.join(LENGTHS)} | all |\n|---|{'---|' * (len(LENGTHS) + 1)}")
    for name, decode in (
        ("askseoul", askseoul),
        ("askseoul, page with its language", askseoul_page),
        ("charset-normalizer", charset_normalizer),
    ):
        groups = [[text for text in texts if text.length == length] for length in LENGTHS]
        print(f"| {name} | {' | '.join(right(decode, group) for group in [*groups, texts])} |")
    if arguments.texts:
        wrong = [text for text in texts if askseoul(text) != text.expected]
        print("", *(f"{text.encoding} {text.length}: {askseoul(text)[:80]}" for text in wrong), sep="\n")


if __name__ == "__main__":
    main()
