"""Pool evidence from several sites: numbers, statements, or both."""
