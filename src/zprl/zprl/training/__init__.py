"""Pretraining, in-process finetuning, evaluation and their statistics."""
