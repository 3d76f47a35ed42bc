"""Pretraining, finetuning in process, evaluation and their statistics."""
