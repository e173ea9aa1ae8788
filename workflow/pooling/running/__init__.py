"""How a run behaves: settings, entrance checks, results folder, lock, manifest, tables written whole."""
