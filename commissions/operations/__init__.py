"""The verbs of commissions, one module a subject."""
