"use strict";
// Two pictures at a time; which is real? All pictures are raw levels of one
// size: neither a file's length nor what is written in it tells them apart.
const given = JSON.parse(document.getElementById("given").textContent);
const [count, height, width, channels] = given.shape;
const levels = bytes(given.pictures);
const right = bytes(given.right);
const answers = [];
let shown = 0, since = 0, timer = 0;

const at = (id) => document.getElementById(id);

function bytes(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

function draw(canvas, number) {
  canvas.width = width;
  canvas.height = height;
  const image = new ImageData(width, height), size = height * width;
  for (let i = 0; i < size; i += 1) {
    const from = (number * size + i) * channels;
    for (let c = 0; c < 3; c += 1) {
      image.data[4 * i + c] = levels[from + (channels === 3 ? c : 0)];
    }
    image.data[4 * i + 3] = 255;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

function show() {
  at("progress").textContent = `Pair ${shown + 1} of ${count}`;
  at("status").textContent = at("progress").textContent;
  ["left", "right"].forEach((side, k) => {
    at(side).classList.remove("over");
    draw(at(side).querySelector("canvas"), 2 * shown + k);
  });
  since = performance.now();
  clearTimeout(timer);
  if (given.seconds) {
    timer = setTimeout(() => {
      at("left").classList.add("over");
      at("right").classList.add("over");
    }, 1000 * given.seconds);
  }
}

function choose(side) {
  answers.push({
    pair: shown, chosen: side, real: right[shown] ? "right" : "left",
    seconds: Math.round(performance.now() - since) / 1000,
  });
  shown += 1;
  if (shown < count) {
    show();
  } else {
    finish();
  }
}

// Wilson's interval, 95 %.
function interval(k, n) {
  const z = 1.959963984540054, p = k / n, d = 1 + z * z / n;
  const half = z * Math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / d;
  const middle = (p + z * z / (2 * n)) / d;
  return [middle - half, middle + half];
}

const percent = (share) => `${(100 * share).toFixed(0)} %`;

function finish() {
  const fooled = answers.filter((each) => each.chosen !== each.real).length;
  const [low, high] = interval(fooled, count);
  at("trial").hidden = true;
  at("result").hidden = false;
  at("result").querySelector("h2").textContent =
    `${fooled} of ${count} made pictures passed for real`;
  at("share").textContent = `Fooled in ${percent(fooled / count)}; if you ` +
    `went on, between ${percent(low)} and ${percent(high)} (95 %).`;
  at("guessing").textContent = low <= 0.5 && 0.5 <= high
    ? "Whoever guesses is fooled in 50 %: so few pairs do not tell you from that."
    : "Whoever guesses is fooled in 50 %.";
  const kept = JSON.stringify({
    model: given.model, seed: given.seed, pairs: count, answers,
  });
  at("save").href = `data:application/json,${encodeURIComponent(kept)}`;
  at("save").download = `${given.model}-answers.json`;
  at("status").textContent = "Done";
  at("result").querySelector("h2").focus();
}

at("count").textContent = count;
at("limit").textContent = given.seconds
  ? ` Each is shown for ${given.seconds} s.` : "";
at("begin").addEventListener("click", () => {
  at("intro").hidden = true;
  at("trial").hidden = false;
  show();
});
for (const side of ["left", "right"]) {
  at(side).addEventListener("click", () => choose(side));
}
document.addEventListener("keydown", (event) => {
  const side = { ArrowLeft: "left", ArrowRight: "right" }[event.key];
  if (side && !at("trial").hidden && !event.repeat) {
    event.preventDefault();
    choose(side);
  }
});
