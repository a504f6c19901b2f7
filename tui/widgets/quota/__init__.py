"""The strip of provider panels."""
