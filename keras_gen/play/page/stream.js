// Random numbers for training, of a seed: many and fast, where noise.js has
// those that must be Python's.

import { erf, inverseNormal } from "./noise.js";

// Where Keras cuts normal weights off, in standard deviations; the deviation
// that is left, as a share of the one before; and the share of numbers within.
const CUT = 2;
const LEFT = 0.87962566103423978;
const WITHIN = erf(CUT / Math.SQRT2);

export class Stream {
  constructor(seed) {
    this.state = seed | 0;
  }

  // Uniform in (0, 1): SplitMix with 32 bits, and MurmurHash3's last mixing.
  uniform() {
    this.state = (this.state + 0x9E3779B9) | 0;
    let x = this.state;
    x = Math.imul(x ^ (x >>> 16), 0x85EBCA6B);
    x = Math.imul(x ^ (x >>> 13), 0xC2B2AE35);
    return (((x ^ (x >>> 16)) >>> 0) + 0.5) * 2 ** -32;
  }

  whole(below) {
    return Math.floor(this.uniform() * below);
  }

  normal() {
    return inverseNormal(this.uniform());
  }

  filled(size, one) {
    return new Float64Array(size).map(one);
  }

  normals(size) {
    return this.filled(size, () => this.normal());
  }

  // A kernel (inputs, outputs) of Keras' "he_normal" (He et al. 2015).
  heNormal(inputs, outputs) {
    const deviation = Math.sqrt(2 / inputs) / LEFT;
    return this.filled(inputs * outputs, () => deviation * inverseNormal(
      (1 + WITHIN * (2 * this.uniform() - 1)) / 2,
    ));
  }

  // The same of "glorot_uniform" (Glorot and Bengio 2010).
  glorotUniform(inputs, outputs) {
    const limit = Math.sqrt(6 / (inputs + outputs));
    return this.filled(
      inputs * outputs, () => limit * (2 * this.uniform() - 1),
    );
  }
}
