"""What a user can do on a screen: one file a kind of act, each a part of the screens that have it."""
