// A training that can be looked at: the game, its data, and what it told.

import { Game } from "./game.js";
import { coverage, drawn } from "./mixtures.js";
import { Stream } from "./stream.js";

// As many samples as in the records of the zoo.
const JUDGED = 2000;
// Points of a curve at most; beyond, two become their mean.
const MOST = 400;

export class Training {
  // settings: as GAN_RING of game.js. The data may change while it goes on:
  // `mixture` is asked anew for each step.
  constructor(settings, mixture, seed) {
    this.game = new Game(settings, seed);
    this.mixture = mixture;
    // The same each time, so that one sees samples move; others than any that
    // the game draws.
    this.fixed = new Stream(~seed).normals(JUDGED * settings.latents);
    this.curves = new Curves();
    this.told = null;
  }

  get steps() {
    return this.game.steps;
  }

  // Half a step, of one player: its name.
  half() {
    const { game } = this;
    const { batch } = game.settings;
    if (!this.told || "generator" in this.told) {
      const { loss, r1, accuracy } = game.learnDiscriminator(
        drawn(this.mixture, batch, game.stream), game.latents(batch),
      );
      this.told = { discriminator: loss, r1, accuracy };
      return "discriminator";
    }
    this.told.generator = game.learnGenerator();
    this.curves.add([this.told.discriminator, this.told.generator]);
    return "generator";
  }

  // A whole step, or the rest of one.
  step() {
    while (this.half() === "discriminator") {
      // The generator comes next.
    }
  }

  // As many steps as begin within these milliseconds, one at least.
  work(time) {
    const end = performance.now() + time;
    do {
      this.step();
    } while (performance.now() < end);
  }

  // Another learning rate, of both players, and weight of R1.
  tune(rate, r1) {
    const { settings, players } = this.game;
    settings.r1 = r1;
    Object.values(players).forEach((adam) => { adam.rate = rate; });
  }

  // The first n samples of the fixed latents, (n, 2).
  samples(n = JUDGED, averaged = false) {
    const latents = this.fixed.subarray(0, n * this.game.settings.latents);
    return this.game.points(latents, n, averaged);
  }

  // keras_gen's measures, of the generator or of its average.
  measured(averaged = false) {
    return coverage(this.samples(JUDGED, averaged), this.mixture);
  }
}

// Numbers of each step, thinned out when they are many.
export class Curves {
  constructor() {
    this.rows = [];
    this.stride = 1;
    this.waiting = [];
  }

  add(row) {
    this.waiting.push(row);
    if (this.waiting.length === this.stride) {
      this.rows.push(averaged(this.waiting));
      this.waiting = [];
    }
    if (this.rows.length >= MOST) {
      this.rows = Array.from({ length: MOST / 2 }, (_, i) => averaged(
        this.rows.slice(2 * i, 2 * i + 2),
      ));
      this.stride *= 2;
    }
  }
}

const averaged = (rows) => rows[0].map(
  (_, i) => rows.reduce((sum, row) => sum + row[i], 0) / rows.length,
);
