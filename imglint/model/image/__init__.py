"""Images as they were built: what every form of them says, in one shape."""
