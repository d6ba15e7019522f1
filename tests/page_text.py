"""What the pages of the documentation say, taken out of their Markdown.

A fenced block that tests do not run has a line above it that says why:
`<!-- not run: why -->`.
"""

import dataclasses
import pathlib
import re
import shlex

from check import TESTS

DOCS = TESTS.parent / "docs"
FOLDERS = ("guide", "notebooks")
BLOCK = re.compile(
    r"^(?:<!-- not run: (?P<why>[^\n]*) -->\n)?"
    r"(?P<fence>`{3,})(?P<language>[^\n`]*)\n(?P<text>.*?)^(?P=fence)$",
    re.M | re.S,
)
ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
# What ends a command, or starts another.
BETWEEN = set("();<>|&")
TRAINER = ["python", "train/main.py"]


@dataclasses.dataclass(frozen=True)
class Block:
    """A fenced block: what stands behind its fence, its text, and why tests
    do not run it, or None."""

    language: str
    text: str
    why: str | None

    @property
    def is_python(self):
        return self.language.startswith(("python", "{code-cell}"))


def each():
    """Paths of the pages, from `docs` on."""
    return sorted(
        str(page.relative_to(DOCS)) for folder in FOLDERS
        for page in (DOCS / folder).rglob("*.md")
    )


def text_of(page):
    """All of a page."""
    return (DOCS / page).read_text("utf-8")


def blocks(page):
    """The fenced blocks of a page, in their order."""
    return [
        Block(found["language"].strip(), found["text"], found["why"])
        for found in BLOCK.finditer(text_of(page))
    ]


def prose(page):
    """A page without its fenced blocks and what is in backquotes."""
    return re.sub(r"`[^`\n]+`", "", BLOCK.sub("", text_of(page)))


def commands(page):
    """Our command lines in a page's shell blocks: lists of words, `keras-gen`
    first."""
    return [
        words for block in blocks(page) if block.language == "sh"
        for words in commands_of(block.text)
    ]


def commands_of(text):
    """Our command lines in a shell's text."""
    found = []
    for line in text.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        command = []
        for word in [*lexer, ";"]:
            if word and set(word) <= BETWEEN:
                found.append(_ours(command))
                command = []
            else:
                command.append(word)
    return list(filter(None, found))


def _ours(words):
    """The words of a command of ours from `keras-gen` on, else None."""
    while words and (ASSIGNMENT.match(words[0]) or words[0] == "do"):
        words = words[1:]
    if words[:2] == TRAINER:
        return ["keras-gen", "train", *words[2:]]
    return words if words[:1] == ["keras-gen"] else None


def directives(page, name):
    """(argument, options) of each directive of that name."""
    return [
        (
            block.language.partition("}")[2].strip(),
            dict(re.findall(r"^:([\w-]+): *(.*)$", block.text, re.M)),
        )
        for block in blocks(page) if block.language.startswith(f"{{{name}}}")
    ]


def links(page):
    """What a page links to and shows that is not elsewhere on the web: its
    addresses, as written."""
    text = prose(page)
    found = [
        *re.findall(r"\]\(([^)\s]+)\)", text),
        *re.findall(r"(?:src|href)=\"([^\"]+)\"", text),
        *(argument for name in ("image", "figure")
          for argument, _ in directives(page, name)),
    ]
    return [link for link in found if not re.match(r"(https?|mailto):", link)]


def anchors(page):
    """What a link may name behind a #: headings, as GitHub calls them, and
    labels.

    Args:
        page: a file's path.
    """
    text = BLOCK.sub("", pathlib.Path(page).read_text("utf-8"))
    headings = re.findall(r"^#+ +(.*)$", text, re.M)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
        for heading in headings
    } | set(re.findall(r"^\(([\w-]+)\)=$", text, re.M))


def session(page):
    """A Python program that does what a page does, from its first block to
    its last: Python in one namespace, shell blocks one after another. Empty
    where there is nothing to run."""
    code = []
    for block in blocks(page):
        if block.why is None and block.is_python:
            code.append(block.text)
        elif block.why is None and block.language == "sh":
            code.append(
                "__import__('subprocess').run("
                f"['bash', '-euc', {block.text!r}], check=True)"
            )
    return "\n".join(code)
