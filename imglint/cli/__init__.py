"""The command line: arguments in, exit code out. A module for each command, imported when it is called."""
