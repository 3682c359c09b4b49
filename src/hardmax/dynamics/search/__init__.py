"""Whom tokens can follow: the scores of tokens, and searches for the largest."""
