"""Training schemes, one file each."""

from keras_gen.objectives.acgan import ACGAN
from keras_gen.objectives.autoencoder import Autoencoder
from keras_gen.objectives.cgan import CGAN
from keras_gen.objectives.classifier import Classifier
from keras_gen.objectives.cut import CUT
from keras_gen.objectives.cyclegan import CycleGAN
from keras_gen.objectives.detector import Detector
from keras_gen.objectives.gan import GAN
from keras_gen.objectives.pix2pix import Pix2Pix
from keras_gen.objectives.srgan import SRGAN
from keras_gen.objectives.unrolled import UnrolledGAN
from keras_gen.objectives.vae import VAE
from keras_gen.objectives.wgan import WGAN

__all__ = [
    "ACGAN", "Autoencoder", "CGAN", "CUT", "Classifier", "CycleGAN",
    "Detector", "GAN", "Pix2Pix", "SRGAN", "UnrolledGAN", "VAE", "WGAN",
]
