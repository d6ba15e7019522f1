"""Pages that follow from the project itself, written before Sphinx reads:
docs/lessons/, docs/models/ and docs/reference/.

Each module here has `pages()`, {file below docs/: its text}.
"""

from pathlib import Path

FOLDERS = ("lessons", "models", "reference")


def setup(app):
    """Called by Sphinx."""
    from pages import api

    app.connect("builder-inited", lambda app: write(Path(app.srcdir)))
    app.connect("autodoc-skip-member", api.skip)
    # Before napoleon, which writes markup.
    app.connect("autodoc-process-docstring", api.as_rst, priority=400)
    return {"parallel_read_safe": True}


def write(docs):
    """Writes all pages; what has not changed keeps its date, and what is no
    longer made goes."""
    wanted = {docs / name: text for name, text in everything().items()}
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
    for folder in FOLDERS:
        for path in (docs / folder).rglob("*.md"):
            if path not in wanted:
                path.unlink()


def everything():
    """{file below docs/: text} of all pages."""
    from pages import api, commands, lessons, models, recipe_keys

    return {
        name: text for module in (models, lessons, commands, recipe_keys, api)
        for name, text in module.pages().items()
    }
