"""Losses as pure functions on logits and tensors.

Adversarial losses come in pairs `<name>_discriminator(real_logits,
fake_logits)` and `<name>_generator(fake_logits)`. Logits have any shape,
(n, 1) or a PatchGAN's (n, h, w, 1); each function returns the float32 mean
over all of them. `adversarial(name)` gives a pair by name.

Reconstruction and divergence terms return one float32 value per example,
shape (n,): errors are means over its elements, likelihoods and divergences
are in nats, summed over them.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from keras import ops

from keras_gen.accepted import shown
from keras_gen.errors import InputError

# Of the backend, or whatever it makes one of.
Tensor = Any


def _float32(*tensors):
    return [ops.cast(ops.convert_to_tensor(t), "float32") for t in tensors]


def saturating_discriminator(
    real_logits: Tensor, fake_logits: Tensor
) -> Tensor:
    """-E log D(x) - E log(1 - D(G(z))), D = sigmoid(logits).

    Goodfellow et al. 2014, https://arxiv.org/abs/1406.2661, equation 1.
    """
    real, fake = _float32(real_logits, fake_logits)
    return ops.mean(ops.softplus(-real)) + ops.mean(ops.softplus(fake))


def saturating_generator(fake_logits: Tensor) -> Tensor:
    """E log(1 - D(G(z))): the minimax game's own generator loss, whose
    gradient by the logit is -D(G(z)) and vanishes when D wins (1406.2661)."""
    (fake,) = _float32(fake_logits)
    return -ops.mean(ops.softplus(fake))


def cross_entropy(logits: Tensor, target: Tensor | float) -> Tensor:
    """-E [t log D + (1 - t) log(1 - D)], D = sigmoid(logits): least where D
    is the mean target t of equal items.

    With targets 1 of real and 0 of fake items it is one side of
    `saturating_discriminator` each; with others label smoothing (Salimans et
    al. 2016, https://arxiv.org/abs/1606.03498, section 3.4) or label noise.

    Args:
        target: probabilities that D is to tell, a number or a tensor that
            broadcasts to the logits.
    """
    (logits,) = _float32(logits)
    return ops.mean(
        target * ops.softplus(-logits) + (1.0 - target) * ops.softplus(logits)
    )


def non_saturating_discriminator(
    real_logits: Tensor, fake_logits: Tensor
) -> Tensor:
    """The same as `saturating_discriminator`: only G's loss differs."""
    return saturating_discriminator(real_logits, fake_logits)


def non_saturating_generator(fake_logits: Tensor) -> Tensor:
    """-E log D(G(z)), the heuristic of section 3 of 1406.2661."""
    (fake,) = _float32(fake_logits)
    return ops.mean(ops.softplus(-fake))


def least_squares_discriminator(
    real_logits: Tensor, fake_logits: Tensor
) -> Tensor:
    """1/2 E (D(x) - 1)^2 + 1/2 E D(G(z))^2.

    Mao et al. 2017, https://arxiv.org/abs/1611.04076, equation 9.
    """
    real, fake = _float32(real_logits, fake_logits)
    return 0.5 * (
        ops.mean(ops.square(real - 1.0)) + ops.mean(ops.square(fake))
    )


def least_squares_generator(fake_logits: Tensor) -> Tensor:
    """1/2 E (D(G(z)) - 1)^2, equation 9 of 1611.04076."""
    (fake,) = _float32(fake_logits)
    return 0.5 * ops.mean(ops.square(fake - 1.0))


def hinge_discriminator(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """E max(0, 1 - D(x)) + E max(0, 1 + D(G(z))).

    Lim and Ye 2017, https://arxiv.org/abs/1705.02894.
    """
    real, fake = _float32(real_logits, fake_logits)
    return ops.mean(ops.relu(1.0 - real)) + ops.mean(ops.relu(1.0 + fake))


def hinge_generator(fake_logits: Tensor) -> Tensor:
    """-E D(G(z)) (1705.02894)."""
    (fake,) = _float32(fake_logits)
    return -ops.mean(fake)


def wasserstein_discriminator(
    real_scores: Tensor, fake_scores: Tensor
) -> Tensor:
    """E f(G(z)) - E f(x), the critic's loss; its negative estimates the
    Wasserstein-1 distance when f is 1-Lipschitz.

    Arjovsky et al. 2017, https://arxiv.org/abs/1701.07875, algorithm 1.
    """
    real, fake = _float32(real_scores, fake_scores)
    return ops.mean(fake) - ops.mean(real)


def wasserstein_generator(fake_scores: Tensor) -> Tensor:
    """-E f(G(z)) (1701.07875)."""
    (fake,) = _float32(fake_scores)
    return -ops.mean(fake)


def relativistic_discriminator(
    real_logits: Tensor, fake_logits: Tensor
) -> Tensor:
    """E softplus(-(D(x) - D(G(z)))), row i of the real logits against row i
    of the fake: -E log of the probability that the real one is more real.

    Jolicoeur-Martineau 2018, https://arxiv.org/abs/1807.00734, section 4.1
    (RpGAN), as Huang et al. 2024 train it, https://arxiv.org/abs/2501.05441.
    """
    real, fake = _float32(real_logits, fake_logits)
    return ops.mean(ops.softplus(fake - real))


def relativistic_generator(fake_logits: Tensor, real_logits: Tensor) -> Tensor:
    """E softplus(-(D(G(z)) - D(x))): the same game with its sides changed
    (1807.00734); the other losses of generators are of fakes alone."""
    return relativistic_discriminator(fake_logits, real_logits)


class Adversarial(NamedTuple):
    """A pair of losses: `discriminator(real, fake)`, `generator(fake)`.

    Attributes:
        boundary: the logit half way between its aims for real and fake; None
            where only differences of logits mean something.
        of_pairs: whether each real logit is compared with a fake one: then
            it is `generator(fake, real)`.
        probabilistic: whether the discriminator's is the `cross_entropy` of
            a probability, so that it can be told other targets.
    """

    discriminator: Callable
    generator: Callable
    boundary: float | None
    of_pairs: bool = False
    probabilistic: bool = False


def adversarial(name: str, of_pairs: bool = False) -> Adversarial:
    """The pair called `name`, for instance "hinge".

    Args:
        of_pairs: whether one whose generator's loss is of real logits, too,
            will do.

    Raises:
        InputError: no such pair; the message lists those there are.
    """
    known = [k for k, v in _PAIRS.items() if of_pairs or not v.of_pairs]
    if not isinstance(name, str) or name not in known:
        elsewhere = isinstance(name, str) and name in _PAIRS
        raise InputError(
            f"there is no adversarial loss {shown(name)}"
            f"{' here' * elsewhere}: choose one of {', '.join(sorted(known))}"
        )
    return _PAIRS[name]


_PAIRS = {
    "hinge": Adversarial(hinge_discriminator, hinge_generator, 0.0),
    # It aims at 1 and 0, the others at either side of 0.
    "least_squares": Adversarial(
        least_squares_discriminator, least_squares_generator, 0.5
    ),
    "non_saturating": Adversarial(
        non_saturating_discriminator, non_saturating_generator, 0.0,
        probabilistic=True,
    ),
    "relativistic": Adversarial(
        relativistic_discriminator, relativistic_generator, None,
        of_pairs=True,
    ),
    "saturating": Adversarial(
        saturating_discriminator, saturating_generator, 0.0,
        probabilistic=True,
    ),
    "wasserstein": Adversarial(
        wasserstein_discriminator, wasserstein_generator, None
    ),
}


def _rows(x):
    return ops.reshape(x, (ops.shape(x)[0], -1))


def l1(target: Tensor, prediction: Tensor) -> Tensor:
    """Mean absolute difference of each example, shape (n,)."""
    target, prediction = _float32(target, prediction)
    return ops.mean(_rows(ops.abs(target - prediction)), axis=1)


def l2(target: Tensor, prediction: Tensor) -> Tensor:
    """Mean squared difference of each example, shape (n,)."""
    target, prediction = _float32(target, prediction)
    return ops.mean(_rows(ops.square(target - prediction)), axis=1)


def feature_matching(
    real_maps: Sequence[Tensor], fake_maps: Sequence[Tensor]
) -> Tensor:
    """Mean absolute difference of each of a discriminator's inner maps, four
    times its mean over the maps, of each example, shape (n,).

    No gradient goes through the real ones. Wang et al. 2018,
    https://arxiv.org/abs/1711.11585, equation 4, weighted as in the authors'
    code: the mean over N scales of 4 / (maps of a scale) times the sum over
    its maps, which for the four of their discriminator is the sum itself.

    Args:
        real_maps, fake_maps: (n, h, w, c) each, in the same order, as many of
            each scale.
    """
    pairs = list(zip(real_maps, fake_maps, strict=True))
    return (4.0 / len(pairs)) * sum(
        l1(ops.stop_gradient(real), fake) for real, fake in pairs
    )


def categorical(
    label: Tensor, logits: Tensor, smoothing: float = 0.0
) -> Tensor:
    """-log p(label) of a softmax, nats per example.

    Args:
        label: int (n,).
        logits: (n, classes).
        smoothing: share of the target that is spread over all classes alike,
            https://arxiv.org/abs/1512.00567, section 7.
    """
    (logits,) = _float32(logits)
    target = ops.one_hot(label, logits.shape[-1], dtype="float32")
    target = (1.0 - smoothing) * target + smoothing / logits.shape[-1]
    return -ops.sum(target * ops.log_softmax(logits), axis=-1)


def bernoulli(target: Tensor, logits: Tensor) -> Tensor:
    """-log p(target) of independent Bernoulli pixels, nats per example.

    Args:
        target: values in [0, 1]; grey values count as probabilities, which
            makes this a cross-entropy, not a likelihood.
        logits: the decoder's output, log-odds of a white pixel.
    """
    target, logits = _float32(target, logits)
    return ops.sum(_rows(ops.softplus(logits) - target * logits), axis=1)


def gaussian(target: Tensor, mean: Tensor, sigma: float) -> Tensor:
    """-log N(target; mean, sigma^2 I), nats per example, with its constant.

    Args:
        target, mean: tensors of equal shape.
        sigma: standard deviation, a number greater than 0.
    """
    constant = math.log(sigma) + 0.5 * math.log(2.0 * math.pi)
    target, mean = _float32(target, mean)
    squared = ops.square((target - mean) / sigma)
    return ops.sum(_rows(squared / 2.0 + constant), axis=1)


def kl_standard_normal(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(mean, diag exp(log_variance)) || N(0, I)), nats per example.

    1/2 sum(mean^2 + variance - log variance - 1): Kingma and Welling 2013,
    https://arxiv.org/abs/1312.6114, appendix B. Slides often lose the 1/2.
    """
    mean, log_variance = _float32(mean, log_variance)
    terms = ops.square(mean) + ops.exp(log_variance) - log_variance - 1.0
    return 0.5 * ops.sum(_rows(terms), axis=1)


def patch_nce(
    query: Tensor, key: Tensor, temperature: float = 0.07
) -> Tensor:
    """-log of the share that a query's own place has of the softmax over all
    places of its picture: nats per example, the mean over places.

    Park et al. 2020, https://arxiv.org/abs/2007.15651, equation 3: the key of
    the same place is the positive, those of the other places of the same
    picture are the negatives. Vectors are compared by the cosine of their
    angle. No gradient goes to the keys, as in the authors' code.

    Args:
        query, key: (n, places, width), what is compared at each place.
        temperature: the paper's tau, what cosines are divided by.
    """
    query, key = (_unit(x) for x in _float32(query, key))
    key = ops.swapaxes(ops.stop_gradient(key), 1, 2)
    similar = ops.matmul(query, key) / temperature
    # TensorFlow's gradient of a diagonal fails where rows are not counted yet.
    own = ops.sum(similar * ops.eye(ops.shape(similar)[1]), axis=2)
    return ops.mean(ops.logsumexp(similar, axis=2) - own, axis=1)


def _unit(x):
    """Vectors of length 1; one of zeros, which has no direction, stays."""
    return x * ops.rsqrt(ops.sum(ops.square(x), -1, keepdims=True) + 1e-14)
