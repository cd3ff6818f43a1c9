"""Building text: layout, style, fresh names, imports, and the removal of what is dead."""
