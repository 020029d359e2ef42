"""What referrals writes to people, one module a subject."""
