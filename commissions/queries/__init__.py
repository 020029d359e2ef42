"""Every question about earnings, the books and payouts."""
