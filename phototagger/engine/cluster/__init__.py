"""The model on the nodes of a Ray cluster.

Ray is imported by processes of its own alone: what it prints, its signal handlers and its end stay
there, and what this one says and how it ends do not depend on it.
"""
