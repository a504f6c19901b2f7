"""One file a widget; the folders follow the regions of the screen."""
