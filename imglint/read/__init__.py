"""Finding and loading what is judged: the only room that touches disk, network or processes."""
