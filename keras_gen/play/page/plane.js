// The lesson's pictures: the plane with what the discriminator thinks of each
// place, and curves of the losses. Colours are those of the page, by its CSS.

// Places of the heat map a side, and of an arrow: its samples and its length.
const CELLS = 40;
const ARROWS = 40;
const LONGEST = 26;
const SHOWN = 256;
const SIDE = 480;
const [WIDE, HIGH] = [480, 200];

function colours() {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(`--${name}`).trim();
}

// "#rgb" or "#rrggbb" as levels.
function levels(colour) {
  const digits = colour.slice(1);
  const each = digits.length / 3;
  return [0, 1, 2].map((i) => {
    const part = digits.slice(i * each, (i + 1) * each);
    return parseInt(part.repeat(2 / each), 16);
  });
}

export function drawPlane(canvas, training, cursor) {
  canvas.width = canvas.height = SIDE;
  const colour = colours();
  const context = canvas.getContext("2d");
  const { limit } = training.mixture;
  const place = (x, y) => [
    (x / limit + 1) / 2 * SIDE, (1 - y / limit) / 2 * SIDE,
  ];
  drawHeat(context, training.game, limit, ["fake", "paper", "real"].map(
    (name) => levels(colour(name)),
  ));
  drawModes(context, training.mixture, place, colour("ink"));
  const fakes = training.samples(SHOWN);
  drawFakes(context, fakes, place, colour);
  drawArrows(context, training.game, fakes, place, colour("ink"));
  if (cursor) {
    drawCursor(context, place(...cursor), colour("ink"));
  }
}

// The probability that a place is real: the colour of fakes at 0, of the page
// at a half, of real points at 1.
function drawHeat(context, game, limit, [low, middle, high]) {
  const at = (i) => ((i + 0.5) / CELLS * 2 - 1) * limit;
  const points = Float64Array.from(
    { length: 2 * CELLS * CELLS },
    (_, i) => (i % 2 ? -at(Math.floor(i / 2 / CELLS)) : at(i / 2 % CELLS)),
  );
  const logits = game.logits(points, CELLS * CELLS);
  const image = new ImageData(CELLS, CELLS);
  logits.forEach((logit, i) => {
    const sure = 2 / (1 + Math.exp(-logit)) - 1;
    const end = sure > 0 ? high : low;
    const share = 0.8 * Math.abs(sure);
    image.data.set(
      middle.map((x, c) => x + share * (end[c] - x)), 4 * i,
    );
    image.data[4 * i + 3] = 255;
  });
  const small = document.createElement("canvas");
  small.width = small.height = CELLS;
  small.getContext("2d").putImageData(image, 0, 0);
  context.imageSmoothingEnabled = true;
  context.drawImage(small, 0, 0, SIDE, SIDE);
}

// A ring around each of the data's Gaussians.
function drawModes(context, { centres }, place, ink) {
  context.strokeStyle = ink;
  context.lineWidth = 1.5;
  for (const [x, y] of centres) {
    context.beginPath();
    context.arc(...place(x, y), 7, 0, 2 * Math.PI);
    context.stroke();
  }
}

function drawFakes(context, fakes, place, colour) {
  context.fillStyle = colour("accent");
  context.strokeStyle = colour("paper");
  context.lineWidth = 0.75;
  for (let i = 0; i < fakes.length; i += 2) {
    context.beginPath();
    context.arc(...place(fakes[i], fakes[i + 1]), 3, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  }
}

// Where the discriminator wants fakes to go; the steepest has full length.
function drawArrows(context, game, fakes, place, ink) {
  const { slopes } = game.pull(fakes.subarray(0, 2 * ARROWS), ARROWS);
  let steepest = 1e-12;
  for (let i = 0; i < slopes.length; i += 2) {
    steepest = Math.max(steepest, Math.hypot(slopes[i], slopes[i + 1]));
  }
  context.strokeStyle = ink;
  context.lineWidth = 1.5;
  context.beginPath();
  for (let i = 0; i < slopes.length; i += 2) {
    const [x, y] = place(fakes[i], fakes[i + 1]);
    // Against the slope of the loss; down is the canvas's second direction.
    const right = -slopes[i] / steepest * LONGEST;
    const down = slopes[i + 1] / steepest * LONGEST;
    context.moveTo(x, y);
    context.lineTo(x + right, y + down);
    for (const side of [1, -1]) {
      context.moveTo(x + right, y + down);
      context.lineTo(
        x + 0.7 * right - 0.2 * side * down,
        y + 0.7 * down + 0.2 * side * right,
      );
    }
  }
  context.stroke();
}

function drawCursor(context, [x, y], ink) {
  context.strokeStyle = ink;
  context.lineWidth = 2;
  context.strokeRect(x - 9, y - 9, 18, 18);
}

// The first curve is drawn through, the second dashed.
export function drawCurves(canvas, { rows }) {
  [canvas.width, canvas.height] = [WIDE, HIGH];
  const colour = colours();
  const context = canvas.getContext("2d");
  context.fillStyle = colour("paper");
  context.fillRect(0, 0, WIDE, HIGH);
  const top = Math.max(2, ...rows.flat()) * 1.05;
  context.font = "12px system-ui, sans-serif";
  context.lineWidth = 1;
  for (let value = 0; value < top; value += Math.ceil(top / 6)) {
    const y = HIGH - 6 - value / top * (HIGH - 12);
    context.strokeStyle = colour("line");
    context.beginPath();
    context.moveTo(22, y);
    context.lineTo(WIDE, y);
    context.stroke();
    context.fillStyle = colour("quiet");
    context.fillText(String(value), 4, Math.max(y + 4, 10));
  }
  context.lineWidth = 2;
  ["real", "accent"].forEach((name, curve) => {
    context.strokeStyle = colour(curve ? name : "ink");
    context.setLineDash(curve ? [6, 4] : []);
    context.beginPath();
    rows.forEach((row, i) => context.lineTo(
      22 + i / Math.max(rows.length - 1, 1) * (WIDE - 22),
      HIGH - 6 - row[curve] / top * (HIGH - 12),
    ));
    context.stroke();
  });
  context.setLineDash([]);
}
