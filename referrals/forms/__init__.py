"""What people type about leads, deals and sales, one module a subject."""
