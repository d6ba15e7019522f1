// What the lesson learns: equal Gaussians in the plane, those of
// keras_gen/data/sources/points.py or drawn by hand, and how many of them
// points cover.

const A = Math.SQRT1_2;

// {centres: [[x, y], ...], sigma, limit: half of the side that shows all}.
export const ring = () => ({
  centres: [
    [1, 0], [A, A], [0, 1], [-A, A], [-1, 0], [-A, -A], [0, -1], [A, -A],
  ].map(([x, y]) => [2 * x, 2 * y]),
  sigma: 0.02,
  limit: 3,
});

export const grid = () => ({
  centres: Array.from({ length: 25 }, (_, i) => [
    2 * (i % 5) - 4, 2 * Math.floor(i / 5) - 4,
  ]),
  sigma: 0.05,
  limit: 5,
});

// n points (n, 2) of a mixture, by a `Stream`.
export function drawn({ centres, sigma }, n, stream) {
  const points = new Float64Array(2 * n);
  for (let i = 0; i < n; i++) {
    const [x, y] = centres[stream.whole(centres.length)];
    points[2 * i] = x + sigma * stream.normal();
    points[2 * i + 1] = y + sigma * stream.normal();
  }
  return points;
}

// keras_gen.metrics.mode_coverage: {found: modes with a point within three
// standard deviations, highQuality: the share of such points}.
export function coverage(points, { centres, sigma }) {
  const n = points.length / 2;
  const good = centres.map(() => 0);
  for (let i = 0; i < n; i++) {
    const away = centres.map(
      ([x, y]) => Math.hypot(points[2 * i] - x, points[2 * i + 1] - y),
    );
    const least = Math.min(...away);
    good[away.indexOf(least)] += least <= 3 * sigma;
  }
  const sum = good.reduce((a, b) => a + b, 0);
  return { found: good.filter(Boolean).length, highQuality: sum / n };
}
