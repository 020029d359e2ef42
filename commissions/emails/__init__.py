"""What commissions write to people."""
