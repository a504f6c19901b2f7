"""Provider clients: one wire dialect a file, over httpx."""
