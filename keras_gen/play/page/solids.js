// Solids of voxels, seen a little from above, from a side that turns.

const PIXELS = 5;
// How much lower a nearer voxel appears.
const TILT = 0.35;
const GROUND = [16, 18, 24];
const BODY = [150, 190, 235];

// Draws the voxels (depth, height, width, 1) above 0, that is more than half
// filled, from the farthest to the nearest, which covers others.
export function renderSolid(canvas, data, [depth, height, width], angle) {
  const reach = Math.hypot(depth, width);
  canvas.width = Math.ceil(reach + 2) * PIXELS;
  canvas.height = Math.ceil(height + reach * TILT + 2) * PIXELS;
  const context = canvas.getContext("2d");
  context.fillStyle = `rgb(${GROUND})`;
  context.fillRect(0, 0, canvas.width, canvas.height);
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const filled = (z, y, x) => z >= 0 && y >= 0 && x >= 0 && z < depth
    && y < height && x < width && data[(z * height + y) * width + x] > 0;
  const seen = [];
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        if (filled(z, y, x)) {
          const [fromX, fromZ] = [x - (width - 1) / 2, z - (depth - 1) / 2];
          seen.push({
            x, y, z, across: fromX * cosine + fromZ * sine,
            away: fromZ * cosine - fromX * sine,
          });
        }
      }
    }
  }
  seen.sort((a, b) => b.away - a.away || b.y - a.y);
  for (const { x, y, z, across, away } of seen) {
    const left = canvas.width / 2 + (across - 0.5) * PIXELS;
    const top = canvas.height / 2
      + (y - height / 2 - away * TILT) * PIXELS;
    // The light comes from above, and turns with who looks.
    const side = filled(z, y, x - 1) ? 0 : cosine;
    const other = filled(z, y, x + 1) ? 0 : -cosine;
    const light = 0.62 + 0.12 * (side + other) - 0.25 * away / reach;
    paintBox(context, left, top, light, !filled(z, y - 1, x));
  }
}

function paintBox(context, left, top, light, open) {
  const colour = (share) => `rgb(${BODY.map((x) => Math.min(x * share, 255))})`;
  context.fillStyle = colour(light);
  context.fillRect(left, top, PIXELS + 0.5, PIXELS + 0.5);
  if (open) {
    // The upper side, which the tilt shows.
    context.fillStyle = colour(light + 0.35);
    context.fillRect(
      left, top - PIXELS * TILT, PIXELS + 0.5, PIXELS * TILT + 1,
    );
  }
}
