"""Following one response: each module one kind of use. ``semantics.reads`` puts them together."""
