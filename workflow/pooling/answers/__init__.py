"""From rows to posteriors and tables: the two engines on an analysis, their agreement, summary and concordance."""
