"""Modellers of toys, by family."""
