// The random numbers of keras_gen/backend/noise.py, so that a seed gives the
// picture that Python gives. They are hashes (SplitMix64) in integers of 64
// bits that wrap around, for which JavaScript has BigInt.

const GAMMA = 0x9E3779B97F4A7C15n;
const wrap = (x) => BigInt.asUintN(64, x);

function mix(x) {
  x = wrap((x ^ (x >> 30n)) * 0xBF58476D1CE4E5B9n);
  x = wrap((x ^ (x >> 27n)) * 0x94D049BB133111EBn);
  return x ^ (x >> 31n);
}

// The key for `value` under `key`.
export function fold(key, value) {
  return mix(wrap(mix(wrap(key + GAMMA)) + wrap(value * GAMMA)));
}

// Whole numbers in [0, 2 ** 23), `size` of them.
function bits(key, size) {
  const found = new Int32Array(size);
  let counter = wrap(key);
  for (let i = 0; i < size; i++) {
    counter = wrap(counter + GAMMA);
    found[i] = Number(mix(counter) >> 41n);
  }
  return found;
}

export function uniform(key, size) {
  return Float32Array.from(bits(key, size), (x) => (x + 0.5) * 2 ** -23);
}

// Standard normal latents of a seed, within a bound if one is given.
export function latents(seed, size, bound = Infinity) {
  const share = erf(bound / Math.SQRT2);
  return Float32Array.from(bits(fold(0n, seed), size), (x) => {
    const centred = (2 * x + 1 - 2 ** 23) * 2 ** -23 * share;
    const z = inverseNormal((centred + 1) / 2);
    return Math.min(Math.max(z, -bound), bound);
  });
}

// What the layers that drop out draw in turn for a seed: draw 1, 2, ...
export function dropoutNoise(seed, draw, size) {
  return uniform(fold(fold(BigInt(draw), 0n), seed), size);
}

// The error function, by its series: exact to rounding where it is not 1.
export function erf(x) {
  if (x > 6) {
    return 1;
  }
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum) && n < 200; n++) {
    term *= -x * x / n;
    sum += term / (2 * n + 1);
  }
  return 2 / Math.sqrt(Math.PI) * sum;
}

// Wichura 1988, algorithm AS 241, PPND16: the quantile of the standard normal
// distribution, to 16 digits.
const A = [
  3.3871328727963666080, 1.3314166789178437745e2, 1.9715909503065514427e3,
  1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
  3.3430575583588128105e4, 2.5090809287301226727e3,
];
const B = [
  1, 4.2313330701600911252e1, 6.8718700749205790830e2,
  5.3941960214247511077e3, 2.1213794301586595867e4, 3.9307895800092710610e4,
  2.8729085735721942674e4, 5.2264952788528545610e3,
];
const C = [
  1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550,
  3.64784832476320460504, 1.27045825245236838258, 2.41780725177450611770e-1,
  2.27238449892691845833e-2, 7.74545014278341407640e-4,
];
const D = [
  1, 2.05319162663775882187, 1.67638483018380384940, 6.89767334985100004550e-1,
  1.48103976427480074590e-1, 1.51986665636164571966e-2,
  5.47593808499534494600e-4, 1.05075007164441684324e-9,
];
const E = [
  6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580,
  2.96560571828504891230e-1, 2.65321895265761230930e-2,
  1.24266094738807843860e-3, 2.71155556874348757815e-5,
  2.01033439929228813265e-7,
];
const F = [
  1, 5.99832206555887937690e-1, 1.36929880922735805310e-1,
  1.48753612908506148525e-2, 7.86869131145613259100e-4,
  1.84631831751005468180e-5, 1.42151175831644588870e-7,
  2.04426310338993978564e-15,
];

const polynomial = (c, x) => c.reduceRight((sum, factor) => sum * x + factor, 0);

export function inverseNormal(p) {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return q * polynomial(A, r) / polynomial(B, r);
  }
  let r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
  const [over, under, from] = r <= 5 ? [C, D, 1.6] : [E, F, 5];
  r -= from;
  const z = polynomial(over, r) / polynomial(under, r);
  return q < 0 ? -z : z;
}

// From one latent to another along the great circle, with a length that
// changes evenly: keras_gen/interpolation.py.
export function spherical(a, b, t) {
  const length = (x) => Math.hypot(...x);
  const [longA, longB] = [length(a), length(b)];
  let cosine = 0;
  for (let i = 0; i < a.length; i++) {
    cosine += a[i] * b[i] / Math.max(longA * longB, 1e-300);
  }
  const angle = Math.acos(Math.min(Math.max(cosine, -1), 1));
  const sine = Math.sin(angle);
  if (sine < 1e-6 || t === 0 || t === 1) {
    return a.map((x, i) => x + t * (b[i] - x));
  }
  const long = longA + t * (longB - longA);
  const [shareA, shareB] = [
    Math.sin((1 - t) * angle) / (sine * longA),
    Math.sin(t * angle) / (sine * longB),
  ];
  return a.map((x, i) => long * (shareA * x + shareB * b[i]));
}
