"""From a data package to rows that can be pooled: checks, coding, precedence, statements as intervals."""
