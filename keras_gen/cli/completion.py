"""keras-gen completion: a script by which a shell completes what is typed.

The scripts are static, written by shtab from the parsers themselves: the Tab
key starts no Python.
"""

import re
import textwrap

from absl import flags

from keras_gen import cli
from keras_gen.cli import _common, train
from keras_gen.errors import InputError
from keras_gen.zoo import weights

# What an argument's metavar says that it takes; others with the type of a
# path are files.
_MODELS = ("NAME",)
_CLASSIFIERS = ("CLASSIFIER",)
_FOLDERS = ("RUN", "DIR", "OUT")
_FILES = ("FILE", "FILE.npz", "FOLDER", "PICTURES", "IN", "PLACE")
# The trainer's flags are no argparse.
_TRAINER = {
    "model": "models", "init_from": "models", "data": "files",
    "workdir": "folders",
}
# What is typed of a path in fish, also behind --option=.
_TYPED = "(string replace -r '^--[^=]*=' '' -- (commandline -ct))"
# bash takes --option=value for three words, shtab's function for two.
_BASH = """
_keras_gen() {
  local -a words=()
  local i cword=$COMP_CWORD
  for ((i = 0; i < ${#COMP_WORDS[@]}; i++)); do
    if [[ ${COMP_WORDS[i]} != "=" ]]; then
      words+=("${COMP_WORDS[i]}")
    elif ((i == COMP_CWORD)); then
      words+=("")
    elif ((i < COMP_CWORD)); then
      ((cword--))
    fi
  done
  local -a COMP_WORDS=("${words[@]}")
  local COMP_CWORD=$cword
  _shtab_keras_gen "$@"
}
complete -o bashdefault -F _keras_gen keras-gen
"""
EXAMPLES = (
    "keras-gen completion bash > keras-gen.bash",
)


def add_arguments(parser):
    """The argument of `keras-gen completion`."""
    parser.description = (
        "Print a script by which a shell completes commands, options, names "
        "of models and files. How to keep it is said at its head."
    )
    parser.add_argument(
        "shell", choices=("bash", "zsh", "fish", "tcsh"),
        help="whose script to print",
    )


def run(options):
    """Prints the script."""
    try:
        import shtab
    except ModuleNotFoundError as error:
        raise InputError(
            "shtab is not installed, which completion needs: pip install "
            "'keras_gen[completion]'"
        ) from error
    print(script(shtab, options.shell))


def script(shtab, shell):
    """The script of a shell, with the names of models that there are now.

    Args:
        shtab: the module, which is no part of every installation.
        shell: "bash", "zsh", "fish" or "tcsh".
    """
    parser, commands = cli.root()
    for name, command in commands.items():
        if name == "train":
            add_trainer(command)
        else:
            cli.fill(command, name)
    known = completions(shtab)
    for action in every_action(parser):
        what = getattr(action, "completes", None) or taken(action)
        if what:
            action.complete = known[what]
    text = shtab.complete(parser, shell)
    if shell == "bash":
        return text + "\n" + _BASH
    if shell == "zsh":  # --option=value, too
        return re.sub(
            r'^(\s*"\*?--[\w-]+)(\[.*\]:)', r"\1=\2", text, flags=re.M
        )
    return text


def add_trainer(parser):
    """The trainer's flags, as options of a parser that reads nothing."""
    for flag, text in train.described():
        text = " ".join(text.replace("%", "%%").split())
        if flag.boolean:
            for name in (flag.name, f"no{flag.name}"):
                parser.add_argument(
                    f"--{name}", action="store_true", help=text
                )
            continue
        several = isinstance(flag, flags.MultiFlag)
        action = parser.add_argument(
            f"--{flag.name}", help=text,
            choices=getattr(flag.parser, "enum_values", None),
            action="append" if several else "store",
        )
        action.completes = _TRAINER.get(flag.name)


def every_action(parser):
    """All actions of a parser and of its commands."""
    for action in parser._actions:
        yield action
        for nested in (
            action.choices.values() if isinstance(action.choices, dict) else ()
        ):
            yield from every_action(nested)


def taken(action):
    """Which of `completions` an argument takes; None where it is none."""
    if action.choices or action.nargs == 0:
        return None
    for what, metavars in (
        ("models", _MODELS), ("classifiers", _CLASSIFIERS),
        ("folders", _FOLDERS), ("files", _FILES),
    ):
        if action.metavar in metavars:
            return what
    return "files" if action.type is _common.path else None


def completions(shtab):
    """{what: how each shell completes it}, as shtab takes it."""
    names = weights.names()
    families = [name.removesuffix("_shapes") for name in names]
    return {
        "models": named("model", sorted({*names, *families})),
        "classifiers": named(
            "classifier",
            [name for name in names if name.startswith("classifier")],
        ),
        "files": {**shtab.FILE, "fish": f"(__fish_complete_path {_TYPED})"},
        "folders": {
            **shtab.DIRECTORY, "fish": f"(__fish_complete_directories {_TYPED})"
        },
    }


def named(what, names):
    """How names are completed where a folder or a file of a recipe is taken,
    too; `_file` in the function's name tells shtab's script that."""
    words, function = " ".join(names), f"_keras_gen_{what}_or_file"
    bodies = {
        "bash": f'compgen -W "{words}" -- "$1"; compgen -f -- "$1"',
        "zsh": f"compadd -- {words}; _files",
        "fish": f"printf '%s\\n' {words}\n__fish_complete_path {_TYPED}",
    }
    fish = f"function {function}\n{textwrap.indent(bodies['fish'], '  ')}\nend"
    return {
        "bash": function, "zsh": function, "fish": f"({function})",
        "tcsh": f"({words})",
        "preamble": {
            "bash": f"{function}() {{ {bodies['bash']}; }}",
            "zsh": f"{function}() {{ {bodies['zsh']} }}",
            "fish": fish,
        },
    }
