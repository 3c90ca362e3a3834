"""The web page: a Gradio chat page, its API and the guard in front of them.

In come HTTP requests; out come answers, articles with marked quotes and exports.
It may import ``evaluation.feedback``, ``pipeline`` and every room below them, but not ``cli``.
"""
