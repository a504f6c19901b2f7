"""What a user can do on the workbench: one file a kind of act, each a part of the one screen."""
