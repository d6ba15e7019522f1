// Solids of voxels, seen from a side that turns.

const PIXELS = 5;

// Draws the voxels (depth, height, width, 1) above 0, that is more than half
// filled, as small squares: nearer ones are lighter and cover others.
export function renderSolid(canvas, data, [depth, height, width], angle) {
  const reach = Math.hypot(depth, width);
  const columns = Math.ceil(reach + 2);
  const rows = Math.ceil(height + reach * 0.35 + 2);
  const [wide, high] = [columns * PIXELS, rows * PIXELS];
  canvas.width = wide;
  canvas.height = high;
  const near = new Float32Array(wide * high).fill(-Infinity);
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  for (let z = 0, i = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        if (data[i] <= 0) {
          continue;
        }
        const [fromX, fromZ] = [x - (width - 1) / 2, z - (depth - 1) / 2];
        const across = fromX * cosine + fromZ * sine;
        // Away from who looks, a little from above.
        const away = fromZ * cosine - fromX * sine;
        const left = Math.round((across + columns / 2 - 0.5) * PIXELS);
        const top = Math.round(
          (y + rows / 2 - height / 2 - away * 0.35) * PIXELS,
        );
        splat(near, wide, high, left, top, -away - y * 0.01);
      }
    }
  }
  shade(canvas, near, wide, high, reach);
}

function splat(near, wide, high, left, top, value) {
  for (let y = Math.max(top, 0); y < Math.min(top + PIXELS + 1, high); y++) {
    for (
      let x = Math.max(left, 0); x < Math.min(left + PIXELS + 1, wide); x++
    ) {
      near[y * wide + x] = Math.max(near[y * wide + x], value);
    }
  }
}

function shade(canvas, near, wide, high, reach) {
  const image = new ImageData(wide, high);
  for (let i = 0; i < wide * high; i++) {
    const there = near[i] > -Infinity;
    const light = there ? 0.5 + near[i] / reach * 0.9 : 0;
    image.data[4 * i] = there ? 60 + 150 * light : 16;
    image.data[4 * i + 1] = there ? 90 + 150 * light : 18;
    image.data[4 * i + 2] = there ? 130 + 120 * light : 24;
    image.data[4 * i + 3] = 255;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}
