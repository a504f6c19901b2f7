"""The right side: the version at hand, its values and its answer."""
