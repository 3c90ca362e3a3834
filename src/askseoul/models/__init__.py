"""Models: the encoder, the generators and the pinned weights they run on.

It takes texts and prompts, and returns vectors (one per text, one per token) and generated text.
It may import only ``domain``, ``settings`` and ``errors`` from the package.
"""
