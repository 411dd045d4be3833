"""The command lines of the tools that build, tag, push and merge images."""
