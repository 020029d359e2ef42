"""The rules of tiers as pure functions: windows of time, what is earned, what is about to be lost, how to go up."""
