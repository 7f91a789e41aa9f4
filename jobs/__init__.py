"""Work in progress: the desk that takes jobs, the ledger that remembers them, the worker that does them."""
