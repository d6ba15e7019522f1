"""Hand-written PyTorch: channels_last, the usual loops.

Options: "bfloat16" (autocast) or "float32"; "eager" or "compiled" (the
networks by `torch.compile`).

The loops are those of the well-known PyTorch implementations: one generator
pass serves both players where the algorithm allows it.
"""

import contextlib
import itertools

import pytorch_networks as networks
import torch
from cases import CASES
from torch import nn
from torch.nn import functional as F

# What `step` is asked for.
PRECISION, COMPILED = "bfloat16", False


def adam(*modules):
    parameters = itertools.chain(*(m.parameters() for m in modules))
    return torch.optim.Adam(parameters, lr=2e-4, betas=(0.5, 0.999))


def placed(*modules):
    device = "cuda" if torch.cuda.is_available() else "cpu"
    modules = [
        m.to(device=device, memory_format=torch.channels_last)
        for m in modules
    ]
    return [torch.compile(m) for m in modules] if COMPILED else modules


def bce(logits, target):
    return F.binary_cross_entropy_with_logits(
        logits.float(), torch.full_like(logits.float(), target)
    )


def mse(logits, target):
    return F.mse_loss(
        logits.float(), torch.full_like(logits.float(), target)
    )


def minimize(loss, optimizer):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


def dcgan():
    g, d = placed(networks.DCGANGenerator(), networks.dcgan_discriminator())
    g_adam, d_adam = adam(g), adam(d)

    def step(image):
        with autocast(image):
            fake = g(torch.randn(len(image), 100, 1, 1, device=image.device))
            loss = bce(d(image), 1.0) + bce(d(fake.detach()), 0.0)
        d_loss = minimize(loss, d_adam)
        with autocast(image):
            loss = bce(d(fake), 1.0)
        return {"d": d_loss, "g": minimize(loss, g_adam)}

    return step


def wgan_gp():
    g, d = placed(
        networks.DCGANGenerator(), networks.dcgan_discriminator(norm=False)
    )
    g_adam, d_adam = adam(g), adam(d)
    # A compiled network has no second derivative.
    plain_d = getattr(d, "_orig_mod", d)

    def noise(image):
        return torch.randn(len(image), 100, 1, 1, device=image.device)

    def penalty(real, fake):
        alpha = torch.rand(len(real), 1, 1, 1, device=real.device)
        x = (fake + alpha * (real - fake)).requires_grad_()
        gradient, = torch.autograd.grad(
            plain_d(x).sum(), x, create_graph=True
        )
        norm = gradient.float().flatten(1).norm(dim=1)
        return ((norm - 1) ** 2).mean()

    def step(image):
        for real in image.chunk(5):
            with autocast(image):
                with torch.no_grad():
                    fake = g(noise(real)).float()
                loss = d(fake).float().mean() - d(real).float().mean()
                loss = loss + 10 * penalty(real, fake)
            d_loss = minimize(loss, d_adam)
        with autocast(image):
            loss = -d(g(noise(real))).float().mean()
        return {"d": d_loss, "g": minimize(loss, g_adam)}

    return step


def pix2pix():
    g, d = placed(networks.UNet(128), networks.patchgan(6, nn.BatchNorm2d))
    g_adam, d_adam = adam(g), adam(d)

    def step(input, target):
        with autocast(input):
            fake = g(input)
            real_pair = torch.cat([input, target], 1)
            fake_pair = torch.cat([input, fake.detach()], 1)
            loss = 0.5 * (bce(d(real_pair), 1.0) + bce(d(fake_pair), 0.0))
        d_loss = minimize(loss, d_adam)
        with autocast(input):
            loss = bce(d(torch.cat([input, fake], 1)), 1.0)
            loss = loss + 100 * F.l1_loss(fake.float(), target)
        return {"d": d_loss, "g": minimize(loss, g_adam)}

    return step


def cyclegan():
    g_ab, g_ba = placed(networks.resnet(6), networks.resnet(6))
    d_a, d_b = placed(*(
        networks.patchgan(3, networks.instance_norm) for _ in range(2)
    ))
    g_adam, d_adam = adam(g_ab, g_ba), adam(d_a, d_b)
    pool = {"a": [], "b": []}

    def exchanged(name, fake):
        """A pool of 50 earlier fakes, batches of one."""
        kept = pool[name]
        if len(kept) < 50:
            kept.append(fake)
            return fake
        if torch.rand(()) < 0.5:
            return fake
        i = int(torch.randint(50, ()))
        old, kept[i] = kept[i], fake
        return old

    def step(a, b):
        with autocast(a):
            fake_b, fake_a = g_ab(a), g_ba(b)
            loss = mse(d_b(fake_b), 1.0) + mse(d_a(fake_a), 1.0)
            for real, again, same in [
                (a, g_ba(fake_b), g_ba(a)), (b, g_ab(fake_a), g_ab(b))
            ]:
                loss = loss + 10 * F.l1_loss(again.float(), real)
                loss = loss + 5 * F.l1_loss(same.float(), real)
        g_loss = minimize(loss, g_adam)
        old_a = exchanged("a", fake_a.detach())
        old_b = exchanged("b", fake_b.detach())
        with autocast(a):
            loss = 0.5 * (
                mse(d_a(a), 1.0) + mse(d_a(old_a), 0.0)
                + mse(d_b(b), 1.0) + mse(d_b(old_b), 0.0)
            )
        return {"g": g_loss, "d": minimize(loss, d_adam)}

    return step


def autocast(x):
    if PRECISION == "float32":
        return contextlib.nullcontext()
    return torch.autocast(x.device.type, torch.bfloat16)


def step(name, precision, way):
    """A function that makes one training step, data preparation included."""
    global PRECISION, COMPILED
    PRECISION, COMPILED = precision, way == "compiled"
    train, device = globals()[name](), "cpu"
    if torch.cuda.is_available():
        device = "cuda"
    batch = [
        torch.from_numpy(v).to(device).permute(0, 3, 1, 2)
        for v in CASES[name].data().values()
    ]
    return lambda: train(*(x.float() / 127.5 - 1 for x in batch))
