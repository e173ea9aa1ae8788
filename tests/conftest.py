"""Tests marked `grid` run only where `-m grid` asks for them."""


def pytest_collection_modifyitems(config, items):
    if "grid" not in config.option.markexpr:
        full = [item for item in items if item.get_closest_marker("grid")]
        if full:
            config.hook.pytest_deselected(items=full)
            items[:] = [item for item in items if item not in full]
