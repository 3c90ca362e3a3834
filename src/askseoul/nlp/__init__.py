"""Language: text parsed into words, sentences, entities, quantities, dates and reported speech.

In comes a text; out comes one parsed record of it that every later stage reads.
It may import ``domain``, ``settings`` and ``errors``, and nothing else of the package.
"""
