"""How the reader is made: its stories, its recipe, the training itself, and the figures that judge it."""
