"""The settings as a list: what each is, where it says so, and how it is changed."""
