"""What survives crashes, concurrent use, hostile files and an LLM that lies."""
