"""HTML panels."""
