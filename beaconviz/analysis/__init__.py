"""What two runs say: comparison and metrics."""
