"""What the answer leans on: the prior, the model's own expectations, and results that were never told."""
