// The game of zoo/gan_ring.toml: a generator of points against a
// discriminator, with the non-saturating loss (Goodfellow et al. 2014) and R1
// (Mescheder et al. 2018).

import { Adam, Network, zeros } from "./mlp.js";
import { Stream } from "./stream.js";

// What the recipe says; a test compares.
export const GAN_RING = {
  latents: 64, width: 128, depth: 2, batch: 256, r1: 0.1, decay: 0.999,
  adam: { rate: 0.001, beta1: 0.5, beta2: 0.999 },
};

const softplus = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const sigmoid = (x) => 1 / (1 + Math.exp(-x));
const mean = (values, of) => values.reduce((sum, x) => sum + of(x), 0)
  / values.length;

export class Game {
  constructor(settings, seed) {
    const { latents, width, depth, adam } = settings;
    this.settings = { ...settings };
    this.stream = new Stream(seed);
    const hidden = Array(depth).fill(width);
    this.generator = new Network([latents, ...hidden, 2], 0, this.stream);
    this.discriminator = new Network([2, ...hidden, 1], 0.2, this.stream);
    this.players = {
      discriminator: new Adam(this.discriminator.weights, adam),
      generator: new Adam(this.generator.weights, adam),
    };
    // The generator's moving average, which the recipe publishes.
    this.average = this.generator.weights.map((x) => x.slice());
    this.steps = 0;
  }

  latents(n) {
    return this.stream.normals(n * this.settings.latents);
  }

  // Points (n, 2) of latents, by the generator or by its average.
  points(latents, n, averaged = false) {
    const weights = averaged ? this.average : this.generator.weights;
    return this.generator.forward(latents, n, weights).at(-1);
  }

  // Logits (n) of points.
  logits(points, n) {
    return this.discriminator.forward(points, n).at(-1);
  }

  // -E log D(x) - E log(1 - D(G(z))) + r1 / 2 E |slope of the logit at x|^2:
  // {loss, r1, accuracy, gradients}.
  discriminatorLoss(real, fake, n) {
    const network = this.discriminator;
    const gradients = zeros(network.weights);
    const seen = [real, fake].map((rows) => network.forward(rows, n));
    const [ofReal, ofFake] = seen.map((layers) => layers.at(-1));
    [ofReal.map((x) => -sigmoid(-x) / n), ofFake.map((x) => sigmoid(x) / n)]
      .forEach((slopes, side) => network.addGradients(
        gradients, seen[side], network.backward(seen[side], slopes, n), n,
      ));
    let loss = mean(ofReal, (x) => softplus(-x)) + mean(ofFake, softplus);
    let r1 = 0;
    if (this.settings.r1) {
      const back = network.backward(seen[0], new Float64Array(n).fill(1), n);
      r1 = back.rows.reduce((sum, x) => sum + x * x, 0) / (2 * n);
      loss += this.settings.r1 * r1;
      const wanted = back.rows.map((x) => this.settings.r1 * x / n);
      network.addSlopeGradients(gradients, seen[0], back, wanted, n);
    }
    const accuracy = 0.5 * mean(ofReal, (x) => x > 0)
      + 0.5 * mean(ofFake, (x) => x <= 0);
    return { loss, r1, accuracy, gradients };
  }

  // The loss -E log D(x) at points, and its slopes by each: {loss, slopes}.
  // The generator moves them the other way.
  pull(points, n) {
    const layers = this.discriminator.forward(points, n);
    const logits = layers.at(-1);
    const back = this.discriminator.backward(
      layers, logits.map((x) => -sigmoid(-x) / n), n,
    );
    return { loss: mean(logits, (x) => softplus(-x)), slopes: back.rows };
  }

  // -E log D(G(z)) of what `made` has: {loss, gradients}.
  generatorLoss(made, n) {
    const gradients = zeros(this.generator.weights);
    const { loss, slopes } = this.pull(made.at(-1), n);
    const back = this.generator.backward(made, slopes, n);
    this.generator.addGradients(gradients, made, back, n);
    return { loss, gradients };
  }

  // A training step is two halves, on the same fakes, as in
  // keras_gen/objectives/gan.py: first the discriminator learns, then the
  // generator from what it has become.
  learnDiscriminator(real, latents) {
    const { batch } = this.settings;
    this.made = this.generator.forward(latents, batch);
    const { gradients, ...told } = this.discriminatorLoss(
      real, this.made.at(-1), batch,
    );
    this.players.discriminator.step(gradients);
    return told;
  }

  learnGenerator() {
    const { loss, gradients } = this.generatorLoss(
      this.made, this.settings.batch,
    );
    this.players.generator.step(gradients);
    this.steps += 1;
    // keras_gen/objectives/base/averages.py: young averages follow faster.
    const decay = Math.min(
      this.settings.decay, this.steps / (9 + this.steps),
    );
    this.average.forEach((average, k) => {
      const weight = this.generator.weights[k];
      for (let i = 0; i < average.length; i++) {
        average[i] += (1 - decay) * (weight[i] - average[i]);
      }
    });
    return loss;
  }
}
