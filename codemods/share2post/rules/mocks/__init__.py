"""The user's own tests: what stands in for the old API there, and what it becomes."""
