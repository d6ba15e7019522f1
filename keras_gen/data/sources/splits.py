"""Names of folders that say which split they hold, as people write them:
Train, TESTING, training_set, val2017, validation, trainA, train_B, seg_test.
"""

import collections
import re

_WORDS = {
    word: split for split, words in {
        "train": "train training trn",
        "test": "test testing tst",
        "val": "val valid validation validate eval evaluation dev devel "
               "development holdout heldout",
    }.items() for word in words.split()
}
# What people put behind the word: test_set, TrainingData, val2017.
_BEHIND = (
    "set|data|dataset|split|images?|imgs?|pictures?|photos?|(?:19|20)[0-9]{2}"
)
_APART = "[ _.-]"
_NAME = re.compile(
    f"(?i:({'|'.join(_WORDS)}){_APART}*(?:{_BEHIND})?)"
    # "testa" is a word of its own: a small letter stands apart.
    f"(?:{_APART}+([aAbB])|([AB]))?"
)
_SMALL = re.compile(f"({'|'.join(_WORDS)})([ab])")


def natural(name):
    """A key to sort names by in which numbers count as such: Class2 before
    Class10."""
    padded = re.sub("[0-9]+", lambda found: found[0].zfill(40), name)
    return padded, name


def printable(name):
    """A name of a class without what no terminal or recipe can hold: bytes
    that are no text, and the ends of lines."""
    return "".join(each if each.isprintable() else "?" for each in name)


def split_of(folder):
    """What a folder's name says, without those beside it: "train", "test",
    "val", "trainA" ...; None where it says nothing."""
    found = _NAME.fullmatch(folder)
    if not found:
        return None
    side = found[2] or found[3] or ""
    return _WORDS[found[1].lower()] + side.upper()


def named(folders):
    """What folders in one place say: {folder: "train", "test", "val",
    "trainA" ...}, of those that say something.

    Names of several words count where they tell splits of one thing apart,
    as seg_train and seg_test do; so do traina and trainb, if both are there.
    """
    found = {
        folder: split_of(folder) for folder in folders if split_of(folder)
    }
    for folder in folders:
        small = _SMALL.fullmatch(folder)
        if small and small[1] + "ba"["ab".index(small[2])] in folders:
            found[folder] = _WORDS[small[1]] + small[2].upper()
    return found or _apart(folders)


def _apart(folders):
    """As `named`, of names that only their words for a split tell apart."""
    alike = collections.defaultdict(dict)
    for folder in folders:
        words = re.split(_APART, folder.lower())
        places = [i for i, word in enumerate(words) if word in _WORDS]
        if len(places) == 1:
            split = _WORDS[words[places[0]]]
            words[places[0]] = None
            alike[tuple(words)][folder] = split
    return {
        folder: split for group in alike.values()
        if len(set(group.values())) > 1 for folder, split in group.items()
    }
