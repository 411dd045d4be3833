"""The predicted pages of packages, written for people and for programs."""
