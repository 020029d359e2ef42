"""Every question about co-funding and events, asked for whoever may see the answer."""
