"""Drawings of an image's layers: for the terminal, as a page, and for programs."""
