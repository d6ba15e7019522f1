"""keras-gen lesson: what is said of generative models, shown in minutes."""

import datetime
import textwrap
import time

from keras_gen import lessons
from keras_gen.cli import _common, _json
from keras_gen.errors import InputError

EXAMPLES = (
    "keras-gen lesson",
    "keras-gen lesson divergences --out=divergences.png",
)


def add_arguments(parser):
    """The flags of `keras-gen lesson`."""
    parser.add_argument(
        "lesson", metavar="LESSON", nargs="?",
        help="its name; without one all are listed, in the order in which "
        "lectures tell them",
    )
    parser.add_argument(
        "--seed", type=int, default=0,
        help="of weights, data and noise: the same seed, the same numbers",
    )
    parser.add_argument(
        "--short", action="store_true",
        help="with fewer steps and points, in seconds: rougher numbers",
    )
    _common.add_out(parser, "LESSON-lesson.png", "of the figure")
    parser.add_argument(
        "--record", action="store_true",
        help="write figure and numbers into docs/lessons, from which the "
        "documentation tells them; in a checkout",
    )
    _json.add(parser)
    parser.checks.append(check)


def check(options):
    """Raises an InputError for a lesson that there is not, and for options
    that do not belong together."""
    from keras_gen.lessons import records

    if options.lesson is not None:
        lessons.check(options.lesson)
    elif options.record or options.short or options.out:
        raise InputError(
            "--record, --short and --out are of one lesson: give its name"
        )
    if options.record and (options.short or options.out):
        raise InputError(
            "--record is of the whole lesson, in docs/lessons: leave --short "
            "and --out out"
        )
    if options.record:
        records.folder()


def run(options):
    """Lists the lessons, or runs one: prints its numbers and what they show,
    and draws its figure."""
    if options.lesson is None:
        listed(options.json)
        return
    facts = lessons.facts(options.lesson)
    module = lessons.load(options.lesson)
    numbers, figure, seconds = timed(module, options)
    shown = module.shown(numbers)
    written = write(options, numbers, figure, seconds)
    if options.json:
        _json.say({
            "lesson": options.lesson, "title": facts.title,
            "claim": facts.claim, "paper": facts.paper, "seed": options.seed,
            "short": options.short, "numbers": numbers,
            "shown": [
                {"says": says, "shown": so} for says, so in shown.items()
            ],
            "written": written,
        })
        return
    print(filled(facts.claim, ""))
    width = max(map(len, numbers))
    for name, value in numbers.items():
        print(f"  {name:<{width}}  {value:.4g}")
    for says, so in shown.items():
        print(filled(says, f"{'shown' if so else 'NOT shown'}: "))
    print(*written, sep="\n")


def listed(as_json):
    """Prints all lessons with what is claimed."""
    found = {name: lessons.facts(name) for name in lessons.names()}
    if as_json:
        _json.say({"lessons": [
            {"lesson": name, "title": facts.title, "claim": facts.claim,
             "paper": facts.paper} for name, facts in found.items()
        ]})
        return
    for name, facts in found.items():
        print(name)
        print(textwrap.indent(filled(facts.claim, "", 75), "    "))


def filled(text, head, width=79):
    """A text behind its head, in lines of a terminal."""
    return textwrap.fill(
        head + text, width, subsequent_indent=" " * len(head),
        break_long_words=False, break_on_hyphens=False,
    )


def timed(module, options):
    """(numbers, figure, seconds) of a lesson, told of while it runs."""
    from keras_gen.lessons import _training

    say, start = _common.Progress(), time.monotonic()
    with _training.telling(say.count):
        numbers, figure = module.run(
            options.seed, **(module.SHORT if options.short else {})
        )
    say.end()
    return numbers, figure, time.monotonic() - start


def write(options, numbers, figure, seconds):
    """Writes the figure, or the record with it; the paths."""
    from keras_gen import plot
    from keras_gen.lessons import _drawing, records

    if not options.record:
        out = options.out or _common.unused(f"{options.lesson}-lesson.png")
        plot.save(_drawing.picture(figure), out)
        return [out]
    return records.write(
        options.lesson, _drawing.picture(figure, small=True),
        {
            "command": f"keras-gen lesson {options.lesson} "
            f"--seed={options.seed}",
            "seed": options.seed,
            "date": datetime.date.today().isoformat(),
            "device": device(), "seconds": round(seconds, 1),
            # Six digits: beyond them machines differ.
            "numbers": {k: float(f"{v:.6g}") for k, v in numbers.items()},
        },
    )


def device():
    """What a lesson runs on, in words."""
    from keras_gen.cli import env
    from keras_gen.training.devices import place

    names = place.gpu_names()
    return str(names[0]) if names else f"CPU, {env.cores()} cores"
