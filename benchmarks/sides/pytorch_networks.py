"""The papers' networks in plain PyTorch, NCHW; logits without sigmoid."""

import torch
from torch import nn


def instance_norm(features):
    return nn.InstanceNorm2d(features, affine=True)


def down(i, o, bias=False, stride=2):
    return nn.Conv2d(i, o, 4, stride, 1, bias=bias)


def up(i, o, bias=False):
    return nn.ConvTranspose2d(i, o, 4, 2, 1, bias=bias)


class DCGANGenerator(nn.Sequential):
    """Latent (n, 100, 1, 1) to pictures (n, 3, 64, 64)."""

    def __init__(self):
        layers = [nn.ConvTranspose2d(100, 512, 4, bias=False)]
        for i, o in ((512, 256), (256, 128), (128, 64)):
            layers += [nn.BatchNorm2d(i), nn.ReLU(True), up(i, o)]
        layers += [nn.BatchNorm2d(64), nn.ReLU(True), up(64, 3), nn.Tanh()]
        super().__init__(*layers)


def dcgan_discriminator(norm=True):
    """Pictures (n, 3, 64, 64) to logits (n, 1)."""
    layers = [down(3, 64, not norm), nn.LeakyReLU(0.2, True)]
    for i, o in ((64, 128), (128, 256), (256, 512)):
        layers += [down(i, o, not norm)]
        layers += [nn.BatchNorm2d(o)] if norm else []
        layers += [nn.LeakyReLU(0.2, not norm)]
    return nn.Sequential(
        *layers, nn.Conv2d(512, 1, 4, bias=not norm), nn.Flatten()
    )


def patchgan(channels, norm):
    """Pictures to a map of logits; sees 70 x 70 pixels."""
    layers = [down(channels, 64, True), nn.LeakyReLU(0.2, True)]
    for i, o, stride in ((64, 128, 2), (128, 256, 2), (256, 512, 1)):
        layers += [down(i, o, stride=stride), norm(o)]
        layers += [nn.LeakyReLU(0.2, True)]
    return nn.Sequential(*layers, down(512, 1, True, stride=1))


class UNet(nn.Module):
    """pix2pix's generator: halvings down to one pixel, and back."""

    def __init__(self, size):
        super().__init__()
        depth = size.bit_length() - 1
        features = [64 * min(2**level, 8) for level in range(depth)]
        self.downs, self.ups = nn.ModuleList(), nn.ModuleList()
        for level, o in enumerate(features):
            i = features[level - 1] if level else 3
            inner = 0 < level < depth - 1
            layers = [nn.LeakyReLU(0.2)] if level else []
            layers += [down(i, o)]
            layers += [nn.BatchNorm2d(o)] if inner else []
            self.downs.append(nn.Sequential(*layers))
        for level in reversed(range(depth)):
            i = features[level] * (1 if level == depth - 1 else 2)
            o = features[level - 1] if level else 3
            layers = [nn.ReLU(), up(i, o, bias=level == 0)]
            layers += [nn.BatchNorm2d(o)] if level else [nn.Tanh()]
            layers += [nn.Dropout(0.5)] if level > depth - 4 else []
            self.ups.append(nn.Sequential(*layers))

    def forward(self, x):
        maps = []
        for layer in self.downs:
            x = layer(x)
            maps.append(x)
        x = self.ups[0](maps.pop())
        for layer in self.ups[1:]:
            x = layer(torch.cat([x, maps.pop()], 1))
        return x


class Residual(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.layers = nn.Sequential(
            nn.ReflectionPad2d(1), nn.Conv2d(features, features, 3),
            instance_norm(features), nn.ReLU(True),
            nn.ReflectionPad2d(1), nn.Conv2d(features, features, 3),
            instance_norm(features),
        )

    def forward(self, x):
        return x + self.layers(x)


def resnet(blocks):
    """CycleGAN's generator."""
    layers = [nn.ReflectionPad2d(3), nn.Conv2d(3, 64, 7)]
    for o in (128, 256):
        layers += [instance_norm(o // 2), nn.ReLU(True)]
        layers += [nn.Conv2d(o // 2, o, 3, 2, 1)]
    layers += [instance_norm(256), nn.ReLU(True)]
    layers += [Residual(256) for _ in range(blocks)]
    for o in (128, 64):
        layers += [nn.ConvTranspose2d(2 * o, o, 3, 2, 1, 1)]
        layers += [instance_norm(o), nn.ReLU(True)]
    return nn.Sequential(
        *layers, nn.ReflectionPad2d(3), nn.Conv2d(64, 3, 7), nn.Tanh()
    )
