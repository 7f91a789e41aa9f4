"""What there is to load, where it lives and on which device it runs."""
