"""One file a screen, with its .tcss beside it."""
