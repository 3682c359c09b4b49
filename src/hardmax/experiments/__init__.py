"""Experiments: the paper reproduced, and the study of accuracy against clustering."""
