"""Settings of the documentation: python -m sphinx -W docs docs/_build

Nothing is loaded from elsewhere, neither when it is built nor when it is read:
formulas are MathML (docs/_ext/mathml.py), and `python docs/_ext/links.py
docs/_build` looks through what was built.
"""

import os
import sys
from pathlib import Path

from pygments.lexers.special import TextLexer

HERE = Path(__file__).parent
# Of this checkout, whichever is installed.
sys.path[:0] = [str(HERE.parent), str(HERE / "_ext")]
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras_gen  # noqa: E402

project = "keras_gen"
version = release = keras_gen.__version__
author = "the keras_gen authors"
project_copyright = f"{author}, Apache 2.0"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.doctest",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "sphinx_design",
    "mathml",
    "pages",
]
# myst-nb leaves the notebooks that it has run beside docs/_build.
exclude_patterns = ["_build", "_ext", "jupyter_execute", "serving"]
html_theme = "furo"
html_title = f"keras_gen {version}"
html_copy_source = False
# What a pager, a prompt or an output has is not copied.
copybutton_exclude = ".linenos, .gp, .go"

myst_enable_extensions = [
    "colon_fence", "deflist", "dollarmath", "html_image",
]
# Headings are linked to as on GitHub.
myst_heading_anchors = 4

# A notebook is run again when it has changed; one that fails ends the build.
nb_execution_mode = "cache"
nb_execution_raise_on_error = True
nb_execution_timeout = 180

# What overrides without a word is told where it is defined.
autodoc_inherit_docstrings = False
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
default_role = "literal"
napoleon_numpy_docstring = False
napoleon_use_ivar = True


def setup(app):
    """Called by Sphinx."""
    # CONTRIBUTING.md's drawing.
    app.add_lexer("house", TextLexer)
