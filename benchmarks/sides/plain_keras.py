"""A train_step as Keras tutorials write it, on TensorFlow in float32.

After the examples on keras.io: the fakes are made again for each player, the
discriminator judges real and fake pictures in passes of their own, and
plain Keras layers do the rest.
"""

import keras
import plain_keras_networks as networks
import tensorflow as tf
from cases import CASES

BCE = keras.losses.BinaryCrossentropy(from_logits=True)
MSE = keras.losses.MeanSquaredError()
L1 = keras.losses.MeanAbsoluteError()


def adam():
    return keras.optimizers.Adam(2e-4, beta_1=0.5)


def apply(tape, loss, model, optimizer):
    variables = model.trainable_variables
    optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))


def pictures(x):
    return tf.cast(x, "float32") / 127.5 - 1


class GAN(keras.Model):
    def __init__(self, generator, discriminator):
        super().__init__()
        self.generator, self.discriminator = generator, discriminator
        self.g_adam, self.d_adam = adam(), adam()

    def train_step(self, data):
        real = pictures(data["image"])
        noise = tf.random.normal((tf.shape(real)[0], 100))
        fake = self.generator(noise, training=True)
        with tf.GradientTape() as tape:
            on_real = self.discriminator(real, training=True)
            on_fake = self.discriminator(fake, training=True)
            d_loss = BCE(tf.ones_like(on_real), on_real)
            d_loss += BCE(tf.zeros_like(on_fake), on_fake)
        apply(tape, d_loss, self.discriminator, self.d_adam)
        noise = tf.random.normal((tf.shape(real)[0], 100))
        with tf.GradientTape() as tape:
            logits = self.discriminator(
                self.generator(noise, training=True), training=True
            )
            g_loss = BCE(tf.ones_like(logits), logits)
        apply(tape, g_loss, self.generator, self.g_adam)
        return {"d": d_loss, "g": g_loss}


class WGANGP(GAN):
    def penalty(self, real, fake):
        alpha = tf.random.uniform((tf.shape(real)[0], 1, 1, 1))
        x = fake + alpha * (real - fake)
        with tf.GradientTape() as tape:
            tape.watch(x)
            scores = self.discriminator(x, training=True)
        gradient = tape.gradient(scores, x)
        norm = tf.sqrt(tf.reduce_sum(gradient ** 2, (1, 2, 3)))
        return tf.reduce_mean((norm - 1) ** 2)

    def train_step(self, data):
        image = pictures(data["image"])
        for real in tf.split(image, 5):
            noise = tf.random.normal((tf.shape(real)[0], 100))
            with tf.GradientTape() as tape:
                fake = self.generator(noise, training=True)
                d_loss = tf.reduce_mean(
                    self.discriminator(fake, training=True)
                ) - tf.reduce_mean(self.discriminator(real, training=True))
                d_loss += 10 * self.penalty(real, fake)
            apply(tape, d_loss, self.discriminator, self.d_adam)
        noise = tf.random.normal((tf.shape(real)[0], 100))
        with tf.GradientTape() as tape:
            fake = self.generator(noise, training=True)
            g_loss = -tf.reduce_mean(self.discriminator(fake, training=True))
        apply(tape, g_loss, self.generator, self.g_adam)
        return {"d": d_loss, "g": g_loss}


class Pix2Pix(GAN):
    def train_step(self, data):
        source, target = pictures(data["input"]), pictures(data["target"])
        with tf.GradientTape(persistent=True) as tape:
            fake = self.generator(source, training=True)
            on_real = self.discriminator([source, target], training=True)
            on_fake = self.discriminator([source, fake], training=True)
            g_loss = BCE(tf.ones_like(on_fake), on_fake)
            g_loss += 100 * L1(target, fake)
            d_loss = BCE(tf.ones_like(on_real), on_real)
            d_loss += BCE(tf.zeros_like(on_fake), on_fake)
        apply(tape, g_loss, self.generator, self.g_adam)
        apply(tape, d_loss, self.discriminator, self.d_adam)
        return {"d": d_loss, "g": g_loss}


class CycleGAN(keras.Model):
    def __init__(self, size):
        super().__init__()
        self.g, self.f = networks.resnet(size, 6), networks.resnet(size, 6)
        self.d_x, self.d_y = (
            networks.patchgan(size, 3, networks.instance) for _ in range(2)
        )
        self.adams = [adam() for _ in range(4)]

    def train_step(self, data):
        x, y = pictures(data["a"]), pictures(data["b"])
        with tf.GradientTape(persistent=True) as tape:
            fake_y, fake_x = self.g(x, training=True), self.f(y, training=True)
            cycle_x = self.f(fake_y, training=True)
            cycle_y = self.g(fake_x, training=True)
            same_x, same_y = self.f(x, training=True), self.g(y, training=True)
            d_fake_x = self.d_x(fake_x, training=True)
            d_fake_y = self.d_y(fake_y, training=True)
            d_x, d_y = self.d_x(x, training=True), self.d_y(y, training=True)
            g_loss = MSE(tf.ones_like(d_fake_y), d_fake_y)
            g_loss += 10 * L1(y, cycle_y) + 5 * L1(y, same_y)
            f_loss = MSE(tf.ones_like(d_fake_x), d_fake_x)
            f_loss += 10 * L1(x, cycle_x) + 5 * L1(x, same_x)
            x_loss = 0.5 * MSE(tf.ones_like(d_x), d_x)
            x_loss += 0.5 * MSE(tf.zeros_like(d_fake_x), d_fake_x)
            y_loss = 0.5 * MSE(tf.ones_like(d_y), d_y)
            y_loss += 0.5 * MSE(tf.zeros_like(d_fake_y), d_fake_y)
        for loss, model, optimizer in zip(
            (g_loss, f_loss, x_loss, y_loss),
            (self.g, self.f, self.d_x, self.d_y), self.adams,
        ):
            apply(tape, loss, model, optimizer)
        return {"g": g_loss, "f": f_loss, "x": x_loss, "y": y_loss}


def build(name):
    size = CASES[name].size
    if name == "dcgan":
        return GAN(networks.generator(), networks.discriminator())
    if name == "wgan_gp":
        return WGANGP(
            networks.generator(), networks.discriminator(norm=False)
        )
    if name == "pix2pix":
        return Pix2Pix(
            networks.unet(size), networks.patchgan(size, 6, networks.batch)
        )
    return CycleGAN(size)


def step(name):
    """A function that makes one training step as `fit` compiles it."""
    model = build(name)
    model.compile(jit_compile=False)
    model.make_train_function()
    data = tf.data.Dataset.from_tensors(CASES[name].data()).repeat()
    batches = iter(data)
    return lambda: model.train_function(batches)
