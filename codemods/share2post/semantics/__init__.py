"""Reading trees: positions, bindings, names, values, endpoints, and what becomes of a response."""
