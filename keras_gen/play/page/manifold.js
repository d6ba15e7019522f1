// All that two latents can make: a sheet of pictures, and the one under the
// mouse, or where the arrow keys lead.

import { el, latest, panel } from "./dom.js";
import { Items } from "./items.js";
import { inverseNormal } from "./noise.js";
import { paint } from "./pictures.js";

const SIDE = 12;
const STEP = 0.02;

// Equal areas of the sheet are equally likely: latents at the quantiles of
// the normal distribution, the second upwards, as keras-gen manifold has it.
const latentAt = (x, y) => Float32Array.of(
  inverseNormal(x), inverseNormal(1 - y),
);

export function manifoldPanel(model, generator) {
  const items = new Items(model, "items single");
  const sheet = el("canvas", {
    class: "sheet", tabindex: 0, role: "application",
    "aria-label": "Sheet of all that the model makes: the arrow keys move "
      + "over it",
  });
  const cross = el("span", { class: "cross", "aria-hidden": "true" });
  const place = { x: 0.5, y: 0.5 };
  const inside = (x) => Math.min(Math.max(x, 0.002), 0.998);
  const move = latest(async () => {
    cross.style.left = `${place.x * 100}%`;
    cross.style.top = `${place.y * 100}%`;
    const latent = latentAt(place.x, place.y);
    items.show(
      await generator.make([latent], [0]),
      [`Latents ${latent[0].toFixed(2)} and ${latent[1].toFixed(2)}`],
    );
  });
  const go = (x, y) => {
    place.x = inside(x);
    place.y = inside(y);
    move();
  };
  sheet.addEventListener("pointermove", (event) => {
    const box = sheet.getBoundingClientRect();
    go(
      (event.clientX - box.left) / box.width,
      (event.clientY - box.top) / box.height,
    );
  });
  const keys = {
    ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP],
    ArrowDown: [0, STEP],
  };
  sheet.addEventListener("keydown", (event) => {
    const step = keys[event.key];
    if (step) {
      event.preventDefault();
      go(place.x + step[0], place.y + step[1]);
    }
  });
  const show = latest(async () => {
    const rows = [];
    for (let i = 0; i < SIDE * SIDE; i++) {
      rows.push(latentAt(
        (i % SIDE + 0.5) / SIDE, (Math.floor(i / SIDE) + 0.5) / SIDE,
      ));
    }
    tile(sheet, await generator.make(rows, rows.map(() => 0)));
    await move();
  });
  const element = panel(
    "Manifold", "Everything that two latents can make. Move over the sheet "
    + "with the mouse, a finger or the arrow keys.",
    el(
      "div", { class: "split" },
      el("div", { class: "sheet-box" }, sheet, cross), items.element,
    ),
  );
  return { element, show };
}

function tile(sheet, { data, dims: [, height, width, channels] }) {
  sheet.width = SIDE * width;
  sheet.height = SIDE * height;
  const context = sheet.getContext("2d");
  const one = document.createElement("canvas");
  for (let i = 0; i < SIDE * SIDE; i++) {
    paint(one, data, height, width, channels, i * height * width * channels);
    context.drawImage(one, i % SIDE * width, Math.floor(i / SIDE) * height);
  }
}
