"""The only door to the file system: what is there, what is in it, and how it is replaced.

What runs before anything legacy is known (roots, git, walk, ignore, survey, read) imports
nothing that is slow to import, dataclasses included: a clean run is over before that.
"""
