"""Other formats of prompts: what has a meaning there is carried over, what has none is said."""
