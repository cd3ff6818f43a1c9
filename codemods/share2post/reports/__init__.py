"""From a ``RunResult`` to bytes; one module per format, imported when it is asked for."""
