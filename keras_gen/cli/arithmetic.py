"""keras-gen arithmetic: sums of latents, and attributes of pictures."""


from keras_gen.cli import _common, _latents
from keras_gen.errors import InputError, alike

# Held-out pictures that an attribute is shown on and that it is judged on,
# and pictures encoded between two looks at the clock.
_SHOWN, _JUDGED, _CHUNK = 8, 2000, 1024
EXAMPLES = (
    "keras-gen arithmetic dcgan_celeba --a 1 2 3 --b 4 5 6 --c 7 8 9",
    "keras-gen arithmetic vae_celeba --attribute=Smiling --data=celeba.npz",
)


def add_arguments(parser):
    """The flags of `keras-gen arithmetic`."""
    _common.add_model(parser)
    seeds = parser.add_argument_group(
        "mean of A - mean of B + mean of C",
        "seeds: look for them in a grid of keras-gen sample",
    )
    for name, default in zip("abc", ([0, 1, 2], [3, 4, 5], [6, 7, 8])):
        seeds.add_argument(
            f"--{name}", type=_latents.word, nargs="+", default=default,
            metavar="SEED", help=f"whose latents' mean is {name.upper()}; "
            "also FILE.npz of keras-gen invert: all latents in it",
        )
    attribute = parser.add_argument_group(
        "an attribute, added to and taken from pictures",
        "for models that encode, such as VAEs",
    )
    attribute.add_argument(
        "--attribute", metavar="ATTRIBUTE",
        help="its name, one of those of --data",
    )
    attribute.add_argument(
        "--data", metavar="FILE.npz",
        help="pictures with attributes: x_train, y_train of 0 and 1 "
        "(number, attributes), and their names in classes",
    )
    attribute.add_argument(
        "--hold", nargs="+", default=[], metavar="ATTRIBUTE",
        help="others to hold fixed, which would come with it",
    )
    attribute.add_argument(
        "--pictures", nargs="+", metavar="FILE",
        help=f"whose; the first {_SHOWN} test pictures of the data by default",
    )
    attribute.add_argument(
        "--strengths", type=float, nargs="+", default=[-1, -0.5, 0, 0.5, 1],
        help="how much to add; 0 is the reconstruction",
    )
    attribute.add_argument(
        "--judge", metavar="CLASSIFIER",
        help="a published classifier that knows the attribute: prints in how "
        f"many of {_JUDGED:,} test pictures it finds it",
    )
    _common.add_figure(parser, "arithmetic")
    parser.checks.append(check)


def check(options):
    """Raises an InputError for options that do not belong together, or name
    what is not there."""
    if bool(options.attribute) != bool(options.data):
        raise InputError("--attribute and --data belong together: give both")
    if options.judge and not options.attribute:
        raise InputError("--judge tells an --attribute: give that, too")
    if options.judge:
        _common.check_weights(options.judge)
    _latents.check([*options.a, *options.b, *options.c])
    _common.check_data(options.data)
    _common.check_files(options.pictures)


def run(options):
    """Writes the figure."""
    from keras_gen import explore

    model = _common.model_of(options.model, options.allow_code_of)
    if options.attribute:
        rows = of_attribute(model, options)
    else:
        terms = options.a, options.b, options.c
        rows = explore.arithmetic(
            model, *(_latents.given(model, term) for term in terms),
            label=_latents.label_of(sum(terms, []), options.label),
        ).rows(model.made.blank)
    _common.write_figure(options, model, rows)


def of_attribute(model, options):
    """Rows: a picture, and its code with the attribute in each strength."""
    import numpy as np

    from keras_gen import data, explore

    size, channels = _common.fitting(model)
    # Nothing is chosen here that a validation would be kept for.
    train, test = (
        data.load(
            options.data, "attributes", split, size, channels, validation=0
        ) for split in ("train", "test")
    )
    wanted = [number(name, train.classes) for name in (
        options.attribute, *options.hold
    )]
    say, codes = _common.Progress(), []
    for start in range(0, len(train), _CHUNK):
        say.count(start, len(train), "pictures encoded")
        rows = np.arange(start, min(start + _CHUNK, len(train)))
        codes.append(model.encode(train.take(rows)["image"]))
    say.end()
    has = train.columns["label"][:, wanted]
    direction = explore.attribute_direction(
        np.concatenate(codes), has[:, 0], has[:, 1:]
    )
    if options.judge:
        judge(options, model, test, direction)
    if options.pictures:
        _, pictures = _common.read_fitting(model, options.pictures)
    else:
        pictures = test.take(np.arange(min(_SHOWN, len(test))))["image"]
    return explore.shifted(model, pictures, direction, options.strengths)


def judge(options, model, test, direction):
    """Prints how often a classifier finds the attribute in test pictures,
    and in these decoded with each strength."""
    from keras_gen import explore, zoo
    from keras_gen.abilities import Predicts

    classifier = zoo.load(options.judge)
    if not classifier.can(Predicts):
        raise InputError(
            f"--judge={options.judge} is no classifier: choose from "
            + ", ".join(n for n in zoo.names() if n.startswith("classifier"))
        )
    place = number(options.attribute, list(classifier.classes))
    pictures = test.drawn(_JUDGED)["image"]
    made = explore.shifted(model, pictures, direction, options.strengths)
    print(
        f"{options.judge} finds {options.attribute} in {len(pictures):,} test "
        "pictures"
    )
    subjects = ["as they are", *(f"at {s:+g}" for s in options.strengths)]
    for i, subject in enumerate(subjects):
        found = classifier.classify(made[:, i])[:, place] > 0.5
        print(f"  {subject:<11} {found.mean():6.1%}")


def number(name, names):
    """The place of an attribute among the names."""
    from keras_gen.objectives.base.labels import place

    found = place(name, names)
    if found is None:
        near = alike(name, names) or names
        raise InputError(
            f"there is no attribute {name!r}: choose from {', '.join(near)}"
        )
    return found
