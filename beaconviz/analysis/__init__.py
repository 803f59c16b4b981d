"""What two runs say: comparison, metrics, head scans."""
