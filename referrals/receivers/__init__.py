"""What referrals does when something was announced, and its recurring work; one module a subject."""
