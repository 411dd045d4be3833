"""GitHub Actions workflows: what their jobs build, tag and push."""
