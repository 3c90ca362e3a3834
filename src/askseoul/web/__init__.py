"""The web page: a Gradio chat page, its API and the guard in front of them.

Input: HTTP requests. Output: answers, articles with marked quotes, and exports.
It may import ``evaluation.feedback``, ``pipeline`` and every sub-package below them, but not ``cli``.
"""
