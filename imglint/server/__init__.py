"""The language server: what editors are told, while a file is written.

Only `main` and `convert` know the protocol's types; what there is to say is made of plain values beside them.
"""
