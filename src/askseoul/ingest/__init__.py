"""Ingestion: files of any supported format become articles, sentences and passages with exact offsets.

In come paths; out come ``Article`` and ``Passage`` records, or an error that names the file and the remedy.
It may import ``nlp`` and everything that ``nlp`` may; from ``models`` it takes the tokenizer alone.
"""
