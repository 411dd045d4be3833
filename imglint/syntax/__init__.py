"""Text into trees with exact spans: no opinions, no input or output."""
