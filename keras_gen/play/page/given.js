// Panels of models that are given a picture: translate, reconstruct, predict.

import {
  el, labelled, latest, panel, seedInput, seedOf,
} from "./dom.js";
import { Chooser } from "./chooser.js";
import { Items } from "./items.js";
import { floats } from "./pictures.js";
import { run } from "./runtime.js";
import { translate } from "./translator.js";

// What is given beside what is made of it, once there is something.
const beside = (chooser, element, caption = "made") => {
  chooser.beside = el(
    "div", { class: "compare", hidden: true },
    el("figure", {}, chooser.canvas, el("figcaption", {}, "given")),
    el("figure", {}, element, el("figcaption", {}, caption)),
  );
  return chooser.beside;
};

export function translatePanel(model, entry) {
  const items = new Items(model, "items single");
  const seed = seedInput("0");
  const noisy = entry.noise.length > 0;
  const show = latest(async () => {
    const { canvas } = chooser;
    items.show(
      await translate(
        model, entry, floats(canvas, entry.channels), canvas.height,
        canvas.width, seedOf(seed),
      ),
      [`The picture as ${entry.to}`],
    );
  });
  seed.addEventListener("input", show);
  const chooser = new Chooser(
    model.examples[entry.from], entry.size, entry.size, show,
  );
  const larger = entry.scale > 1 ? `, ${entry.scale} times as large` : "";
  const element = panel(
    `Translate ${entry.from} to ${entry.to}`,
    `A picture is scaled to ${entry.size} x ${entry.size} pixels; what is `
    + `made of it is shown beside it${larger}.`,
    chooser.element, noisy ? labelled("Seed", seed) : null,
    beside(chooser, items.element),
  );
  return { element, show: () => chooser.example() };
}

export function reconstructPanel(model) {
  const items = new Items(model, "items single");
  const { height, width, channels } = model.encodes;
  const show = latest(async (canvas) => {
    const code = await run(model, "encoder", {
      image: {
        data: floats(canvas, channels), dims: [1, height, width, channels],
      },
    });
    const made = await run(model, "decoder", { latent: code.latent });
    items.show(made[model.made.column], ["The picture made of its code"]);
  });
  const chooser = new Chooser(model.examples.image, width, height, show);
  const element = panel(
    "Reconstruct", `A picture is scaled to ${width} x ${height} pixels, `
    + "turned into a code, and made again of it.",
    chooser.element, beside(chooser, items.element),
  );
  return { element, show: () => chooser.example() };
}

export function predictPanel(model) {
  const list = el("ol", { class: "bars" });
  const { classes, height, width, channels } = model.predicts;
  const show = latest(async (canvas) => {
    const made = await run(model, "classifier", {
      image: {
        data: floats(canvas, channels), dims: [1, height, width, channels],
      },
    });
    const found = classes.map((name, i) => [name, made.probabilities.data[i]])
      .sort((a, b) => b[1] - a[1]).slice(0, 10);
    list.replaceChildren(...found.map(([name, share]) => {
      const bar = el("span", { class: "bar", "aria-hidden": "true" });
      bar.style.inlineSize = `${share * 100}%`;
      return el(
        "li", {}, el("span", {}, `${name}: ${(share * 100).toFixed(1)} %`), bar,
      );
    }));
  });
  const chooser = new Chooser(model.examples.image, width, height, show);
  const element = panel(
    "Classify", `A picture is scaled to ${width} x ${height} pixels.`,
    chooser.element,
    beside(chooser, list, "what it may be"),
  );
  return { element, show: () => chooser.example() };
}
