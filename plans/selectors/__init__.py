"""What pages read about plans and lines."""
