"""The normal mode of the editor, for hands that know vim."""
