"""Fine-tuning, learned beacons, the translator: how the shipped models were made."""
