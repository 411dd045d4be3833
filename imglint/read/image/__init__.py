"""Images read from wherever they are: layouts, archives, registries, and what tools print of them."""
