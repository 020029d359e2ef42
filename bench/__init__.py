"""What must be fast, measured beside a reference in the same run: ratios count, absolute times only orient."""
