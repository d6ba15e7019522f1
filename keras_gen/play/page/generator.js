// A model that draws latents, as the panels use it.

import { labelled, select } from "./dom.js";
import { latents } from "./noise.js";
import { run } from "./runtime.js";

export class Generator {
  constructor(model) {
    this.model = model;
    this.size = model.draws.latents;
    this.network = "generator" in model.networks ? "generator" : "decoder";
    this.classes = model.labels?.names ?? [];
  }

  latent(seed, bound) {
    return latents(seed, this.size, bound);
  }

  // What is made of latents, [Float32Array, ...]. `weights` has for each an
  // array with the share of each class, or the number of one class.
  async make(rows, weights) {
    const data = new Float32Array(rows.length * this.size);
    rows.forEach((row, i) => data.set(row, i * this.size));
    const feeds = { latent: { data, dims: [rows.length, this.size] } };
    if (this.classes.length && this.model.labels.mixes) {
      feeds.weights = this.shares(weights);
    } else if (this.classes.length) {
      feeds.label = { data: Int32Array.from(weights), dims: [rows.length] };
    }
    const made = await run(this.model, this.network, feeds);
    return made[this.model.made.column];
  }

  shares(weights) {
    const count = this.classes.length;
    const data = new Float32Array(weights.length * count);
    weights.forEach((row, i) => {
      if (typeof row === "number") {
        data[i * count + row] = 1;
      } else {
        data.set(row, i * count);
      }
    });
    return { data, dims: [weights.length, count] };
  }

  // A choice of class, and what it says: {field, of(seed)}; no field where
  // there are no classes. "Each in turn" is what `generate` does by default.
  choice(change, turns = false) {
    if (!this.classes.length) {
      return { field: null, of: () => 0 };
    }
    const names = this.classes.map((name, i) => [String(i), name]);
    const input = select(
      turns ? [["", "each in turn"], ...names] : names,
    );
    input.addEventListener("input", change);
    const count = BigInt(this.classes.length);
    // A seed means its low 64 bits, with a sign, whatever its size.
    const turn = (seed) => BigInt.asIntN(64, seed) % count;
    return {
      field: labelled("Class", input),
      of: (seed) => input.value === ""
        ? Number((turn(seed) + count) % count) : Number(input.value),
    };
  }
}
