"""Ingestion: files of any supported format become articles, sentences and passages with exact offsets.

It takes paths, and returns ``Article`` and ``Passage`` records, or an error that names the file and the remedy.
It may import ``nlp`` and everything that ``nlp`` may import; from ``models`` it takes only the tokenizer.
"""
