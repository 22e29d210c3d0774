"""Tables of customers: what was handed over and what each column is."""
