"""Pool evidence from several sites: numbers, statements, or both.

For your own scripts: `pooling.classical`, `pooling.effects`, `pooling.exact`, `pooling.model`,
`pooling.calibration`, `pooling.sensitivity` and `pooling.multiverse`. What the workflow adds to them lies in
`pooling.ledger` (from a data package to rows), `pooling.answers` (from rows to tables) and `pooling.running`
(settings, results folder, tables).
"""
