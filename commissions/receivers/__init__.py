"""What commissions do when others announce something, and every night."""
