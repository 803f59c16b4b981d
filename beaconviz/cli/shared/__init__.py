"""What commands share: their options, the limits on these, progress, and how they end."""
