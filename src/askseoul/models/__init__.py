"""Models: the encoder, the generators and the pinned weights they run on.

In come texts and prompts; out come vectors (one a text, one a token) and generated text.
It may import ``domain``, ``settings`` and ``errors``, and nothing else of the package.
"""
