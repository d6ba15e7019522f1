// A model that turns pictures into pictures, as the panels use it.

import { dropoutNoise } from "./noise.js";
import { run } from "./runtime.js";

// What a network makes of one picture, floats (height, width, channels) in
// [-1, 1]: {data, dims}. `seed` is of those that draw dropout.
export async function translate(model, entry, data, height, width, seed = 0n) {
  const feeds = {
    input: { data, dims: [1, height, width, entry.channels] },
  };
  entry.noise.forEach((shape, i) => {
    const size = shape.reduce((product, n) => product * n, 1);
    feeds[`noise_${i}`] = {
      data: dropoutNoise(seed, i + 1, size), dims: [1, ...shape],
    };
  });
  const made = await run(model, entry.network, feeds);
  return made[model.made.column];
}
