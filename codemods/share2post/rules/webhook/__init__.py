"""The parts of the webhook rules: signs, names and their uses, content and its fields, doubles."""
