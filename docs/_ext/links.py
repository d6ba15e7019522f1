"""Looks through built pages, without a network:

    python docs/_ext/links.py docs/_build

Each link within them leads to a file, and to an anchor that is in it; and no
page loads anything (script, style, font, picture) from elsewhere. Ends with
exit code 1 where one does not, and names it.
"""

import functools
import re
import sys
import urllib.parse
from html.parser import HTMLParser
from pathlib import Path

# What a browser loads by itself: tag and attribute. <link> is more than
# styles: its rel decides.
_LOADED = {
    "script": "src", "img": "src", "iframe": "src", "source": "src",
    "video": "src", "audio": "src", "embed": "src", "object": "data",
}
_LOADED_LINKS = {"stylesheet", "icon", "preload", "modulepreload"}
_ELSEWHERE = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//", re.I)
_IN_STYLES = re.compile(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)")


class Page(HTMLParser):
    """What a page links to, loads, and can be linked to by."""

    def __init__(self, text):
        super().__init__()
        self.links, self.loads, self.anchors = [], [], set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Of HTMLParser."""
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[k] for k in ("id", "name") if k in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "link" and "href" in given:
            if _LOADED_LINKS & set(given.get("rel", "").split()):
                self.loads.append(given["href"])
        elif _LOADED.get(tag) in given:
            self.loads.append(given[_LOADED[tag]])
        self.loads += styled(given.get("style", ""))


def styled(text):
    """What a style sheet loads."""
    return [a or b for a, b in _IN_STYLES.findall(text)]


def wrong(folder):
    """Lines that say what is wrong in the pages of a folder."""
    found = []
    for file in sorted(folder.rglob("*.html")):
        page, name = read(file), file.relative_to(folder)
        for address in page.loads:
            if _ELSEWHERE.match(address):
                found.append(f"{name} loads {address}")
            elif not leads(file, address):
                found.append(f"{name} lacks {address}")
        found += [
            f"{name} links to {address}, which is not there"
            for address in page.links if not leads(file, address)
        ]
    for file in sorted(folder.rglob("*.css")):
        found += [
            f"{file.relative_to(folder)} loads {address}"
            for address in styled(file.read_text("utf-8"))
            if _ELSEWHERE.match(address)
        ]
    return found


@functools.cache
def read(file):
    """A file's Page."""
    return Page(file.read_text("utf-8"))


def leads(file, address):
    """Whether an address in a file is elsewhere, or leads to what is there."""
    parts = urllib.parse.urlsplit(address)
    if parts.scheme or parts.netloc:
        return True
    target = file
    if parts.path:
        target = (file.parent / urllib.parse.unquote(parts.path)).resolve()
    if target.is_dir():
        target /= "index.html"
    if not target.is_file():
        return False
    anchor = urllib.parse.unquote(parts.fragment)
    if not anchor or target.suffix != ".html":
        return True
    return anchor in read(target).anchors


if __name__ == "__main__":
    lines = wrong(Path(sys.argv[1]).resolve())
    print("\n".join(lines) or "all links lead somewhere, nothing is loaded "
          "from elsewhere")
    sys.exit(bool(lines))
