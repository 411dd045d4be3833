"""A linter for everything that stands between a Dockerfile and a container image's page on a registry."""

__version__ = "0.1.0"
