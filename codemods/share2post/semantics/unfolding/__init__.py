"""A function of the project written out where it is called, with what its parameters are there put in."""
