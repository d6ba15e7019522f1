"""For each public function good arguments, of which the fuzz spoils some.

    CASES = {"metrics.l1": lambda: (function, {name: value})}
"""

import functools
import importlib
import inspect

import numpy as np

from keras_gen import data, explore, metrics, plot, zoo

ROOMS = ("metrics", "explore", "plot", "data", "zoo")
rng = np.random.default_rng(0)


def public(room):
    """The public functions of a room, by name."""
    module = importlib.import_module(f"keras_gen.{room}")
    names = getattr(module, "__all__", None) or [
        name for name, value in vars(module).items()
        if not name.startswith("_") and inspect.isfunction(value)
        and value.__module__ == module.__name__
    ]
    found = {name: getattr(module, name) for name in names}
    return {
        f"{room}.{name}": value for name, value in found.items()
        if inspect.isfunction(value)
        and any(p.kind is not p.VAR_KEYWORD
                for p in inspect.signature(value).parameters.values())
    }


def pictures(n=6, channels=3):
    return rng.integers(0, 256, (n, 12, 12, channels), "uint8")


def features(n=8, d=3):
    return rng.normal(size=(n, d)).astype("float32")


def probabilities(n=8, classes=4):
    rows = rng.random((n, classes)).astype("float32") + 0.1
    return rows / rows.sum(1, keepdims=True)


def labels(n=8, classes=4):
    return np.arange(n) % classes


@functools.cache
def model(name):
    from objectives import tiny

    return tiny.compiled(name)


def latents(n=3, name="cgan"):
    return rng.normal(size=(n, model(name).latent_dim)).astype("float32")


def _metrics():
    m = metrics
    two = {"made": pictures(), "truth": pictures()}
    apart = {"real": features(), "fake": features()}
    return {
        m.precision_recall: apart, m.density_coverage: apart,
        m.diversity: {
            "samples": pictures(), "groups": labels(6), "real": pictures(),
            "real_groups": labels(6),
        },
        m.pairwise_distance: {"values": pictures(), "groups": labels(6, 2)},
        m.frechet_distance: {"a": features(), "b": features()},
        m.inception_score: {
            "probabilities": probabilities(), "splits": 2, "seed": 0,
        },
        m.kernel_distance: {
            "a": features(), "b": features(), "degree": 3, "subsets": 2,
            "subset_size": 4, "seed": 1,
        },
        m.label_accuracy: {
            "probabilities": probabilities(), "labels": labels(),
        },
        m.within_class: {
            "distance": m.frechet_distance, "made": features(40),
            "made_labels": labels(40), "real": features(40),
            "real_labels": labels(40),
        },
        m.importance_weighted: {"log_weights": features()},
        m.binarised: {
            "pictures": pictures(channels=1), "binarisation": "stochastic",
            "seed": 1,
        },
        m.nearest: {"samples": pictures(), "training": pictures(), "k": 1},
        m.memorisation: {
            "samples": pictures(), "training": pictures(),
            "held_out": pictures(),
        },
        m.ring: {"modes": 8, "radius": 1.0, "sigma": 0.01},
        m.grid: {"side": 3, "spacing": 2.0, "sigma": 0.05},
        m.mode_coverage: {"points": features(20, 2), "mixture": m.ring()},
        m.class_coverage: {
            "labels": labels(), "reference": np.full(4, 0.25),
        },
        **{f: two for f in (m.pair_errors, m.l1, m.rmse, m.psnr, m.ssim)},
        m.share_within: {**two, "tolerance": 3.0},
        m.laplacian_variance: {"pictures": pictures()},
        m.displacement: two, m.palette: {"pictures": pictures()},
        m.colour_recall: {**two, "colours": 255 * probabilities(4, 3)},
        m.segmentation: {
            "read": rng.integers(0, 4, (2, 5, 5)),
            "asked": rng.integers(0, 4, (2, 5, 5)), "classes": 4,
        },
        m.grid_power: {"pictures": pictures(), "period": 4},
        m.parzen_log_likelihood: {
            "samples": pictures(), "test": pictures(),
            "validation": pictures(), "bandwidths": [0.1, 0.2],
        },
        m.path_length: {
            "see": lambda x, path: x, "starts": features(), "ends": features(),
            "epsilon": 1e-4, "interpolation": "spherical", "seed": 0,
        },
    }


def _explore():
    e, cgan, vae = explore, model("cgan"), model("vae")
    codes = rng.normal(size=(12, 3)).astype("float32")
    seen = vae.generate(4, seed=0)
    return {
        e.arithmetic: {
            "model": cgan, "a": latents(), "b": latents(), "c": latents(),
            "spread": 0.1, "seed": 0, "label": 1,
        },
        e.attribute_direction: {
            "codes": codes, "has_attribute": labels(12, 2),
            "others": rng.integers(0, 2, (12, 2)),
        },
        e.shifted: {
            "model": vae, "pictures": seen,
            "direction": latents(1, "vae")[0], "strengths": [-1, 1],
        },
        e.class_grid: {"model": cgan, "latents": latents()},
        e.class_interpolation: {
            "model": cgan, "first": 0, "last": 1, "latents": latents(),
            "steps": 3,
        },
        e.latents: {"model": cgan, "seeds": [1, 2], "truncation": 1.5},
        e.decode: {"model": cgan, "latents": latents(), "label": 1},
        e.interpolate: {
            "model": cgan, "latents": latents(), "steps": 3,
            "how": "linear", "label": 1,
        },
        e.invert: {
            "model": cgan, "pictures": cgan.generate(2, seed=0), "label": 1,
            "steps": 1, "starts": 1, "seed": 0,
        },
        e.manifold: {
            "model": vae, "side": 2, "corners": latents(4, "vae"),
        },
        e.neighbours: {
            "samples": pictures(), "training": pictures(20), "k": 2,
        },
        e.output_size: {
            "size": 8, "kernel": 4, "stride": 2, "padding": 1,
            "transposed": True,
        },
        e.convolution_weights: {
            "kernel": 3, "channels_in": 2, "channels_out": 4, "bias": True,
        },
        e.receptive_field: {"layers": [(4, 2), (4, 1)]},
        e.seen: {"network": model("classifier").classifier, "size": 16,
                 "seed": 0},
        e.looking: {"model": model("classifier")},
        e.exciting: {
            "model": model("classifier"), "pictures": rng.integers(
                0, 256, (6, *model("classifier").classifier.input_shape[1:]),
                "uint8",
            ), "layer": None, "units": 2, "k": 2,
        },
        e.strip_of_models: {
            "names": ["gan_shapes"], "n": 2, "seed": 0, "allow_code_of": [],
        },
        e.strip_of_run: {"folder": "run", "rows": 2, "columns": 2},
        e.truncations: {
            "model": cgan, "bounds": [None, 1.0], "n": 2, "seed": 0,
            "label": 1,
        },
    }


def _plot():
    p = plot
    table = {"x": [1.0, 2.0, 3.0], "y": [3.0, 2.0, 4.0]}
    image = p.grid(pictures(1))
    return {
        p.grid: {
            "pictures": pictures(), "path": "grid.png", "columns": 3,
            "gap": 2,
        },
        p.save: {"image": image, "path": "image.png"},
        p.animation: {
            "pictures": [image, image], "path": "moving.gif", "side": 40,
            "frames": 4,
        },
        p.curves: {"log": "log.csv", "path": "curves.png"},
        p.correlation: {
            "steps": [1, 2, 3], "columns": table, "title": "t",
            "path": "both.png",
        },
    }


def _data():
    shapes = {"source": "shapes", "kind": "images"}
    return {
        data.assumed_range: shapes,
        data.built_in: {"source": "shapes"},
        data.load: {
            **shapes, "split": "train", "size": 16, "channels": 1, "seed": 0,
        },
        data.properties: shapes,
        data.short_sides: shapes,
        data.shows_labels: {
            "source": "shapes", "kind": "pairs", "labels": [[0] * 3, [9] * 3],
        },
        data.ranges_of: {"table": {**shapes, "size": 16, "channels": 1}},
        data.check_arguments: {
            "table": {**shapes, "size": 16, "channels": 1, "batch_size": 4},
        },
    }


def _zoo():
    return {
        zoo.recipe: {"name": "gan_shapes", "allow_code_of": ["mine"]},
        zoo.load: {
            "name": "gan_ring", "precision": "float32", "allow_code_of": [],
        },
        zoo.weights_file: {"name": "gan_ring", "network": "generator"},
        zoo.sha256: {"path": "log.csv"},
    }


def _model():
    """Methods of models, by a name of their own."""
    cgan, vae, judge = model("cgan"), model("vae"), model("classifier")
    translator, fitted = model("pix2pix"), model("vae_features")
    seen = vae.generate(4, seed=0)
    shape = judge.classifier.input_shape[1:]
    judged = rng.integers(0, 256, (4, *shape), "uint8")
    given = rng.integers(
        0, 256, (2, 16, 16, translator.generator.input_shape[-1]), "uint8"
    )
    trained = {"x": seen, "batch_size": 4, "epochs": 1, "verbose": 0}
    return {
        cgan.generate: {"n": 2, "seed": 0, "label": 1, "truncation": 1.5},
        vae.encode: {"pictures": seen}, vae.reconstruct: {"pictures": seen},
        judge.classify: {"pictures": judged},
        judge.accuracy: {"pictures": judged, "label": labels(4, 2)},
        translator.translate: {
            "pictures": given, "to": "target", "seed": 0, "tile": 16,
            "overlap": 4,
        },
        vae.predict: {"x": latents(3, "vae"), "verbose": 0},
        vae.evaluate: {"x": seen, "batch_size": 2, "verbose": 0},
        vae.fit: {**trained, "validation_split": 0.0, "shuffle": False},
        vae.save: {"filepath": "model.keras"},
        fitted.fit_prior: {"pictures": seen},
    }


def _option():
    """What a game takes beside its networks, and what that takes."""
    from keras_gen.augmentation import AdaptiveAugment, DiffAugment
    from keras_gen.objectives.gan import GAN
    from keras_gen.terms import LeCam

    networks = model("gan_points").networks

    def game(
        smoothing, label_noise, dequantise, instance_noise, adversarial
    ):
        return GAN(
            networks["generator"], networks["discriminator"], makes="points",
            smoothing=smoothing, label_noise=label_noise,
            dequantise=dequantise, instance_noise=instance_noise,
            adversarial=adversarial,
        )

    return {
        game: {
            "smoothing": 0.1, "label_noise": 0.1, "dequantise": False,
            "instance_noise": 0.1, "adversarial": "saturating",
        },
        LeCam: {"weight": 0.3, "every": 2, "decay": 0.9},
        DiffAugment: {"policy": ["colour"], "probability": 0.5},
        AdaptiveAugment: {
            "policy": ["colour"], "target": 0.6, "images": 100, "every": 4,
        },
    }


GOOD = {
    "metrics": _metrics, "explore": _explore, "plot": _plot, "data": _data,
    "zoo": _zoo, "model": _model, "option": _option,
}
METHODS = (
    "generate", "encode", "reconstruct", "classify", "accuracy", "translate",
    "predict", "evaluate", "fit", "save", "fit_prior",
)
OPTIONS = ("game", "LeCam", "DiffAugment", "AdaptiveAugment")


@functools.cache
def good(room):
    """{name of a public function: (function, its good arguments)}."""
    found = GOOD[room]()
    if room in ("model", "option"):
        return {
            f"{room}.{f.__name__}": (f, given) for f, given in found.items()
        }
    return {
        name: (function, found[function])
        for name, function in public(room).items()
    }
