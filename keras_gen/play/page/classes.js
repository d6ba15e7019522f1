// Panels of models that take labels: all classes side by side, and from one to
// another.

import {
  button, el, labelled, latest, panel, range, seedInput, seedOf, select,
  anySeed,
} from "./dom.js";
import { Items } from "./items.js";

const COLUMNS = 6;

export function classGridPanel(model, generator) {
  const seed = seedInput("0");
  const { classes } = generator;
  const rows = classes.map((name) => new Items(model, "items row"));
  const show = latest(async () => {
    const first = seedOf(seed);
    const seeds = Array.from(
      { length: COLUMNS }, (_, i) => first + BigInt(i),
    );
    const latents = seeds.map((each) => generator.latent(each));
    // Class by class: the first are seen while the others are made.
    for (const [label, name] of classes.entries()) {
      rows[label].show(
        await generator.make(latents, seeds.map(() => label)),
        seeds.map((each) => `${name}, seed ${each}`),
      );
    }
  });
  seed.addEventListener("input", show);
  const element = panel(
    "Classes", "A row for each class, a column for each seed.",
    el("div", { class: "controls" }, labelled("First seed", seed)),
    el(
      "div", { class: "table" }, classes.map((name, i) => el(
        "div", { class: "table-row" }, el("span", { class: "name" }, name),
        rows[i].element,
      )),
    ),
  );
  return { element, show };
}

export function morphPanel(model, generator) {
  const items = new Items(model, "items single");
  const names = generator.classes.map((name, i) => [String(i), name]);
  const [from, to] = [select(names, 0), select(names, 1)];
  const seed = seedInput("0");
  const place = range(0.5, 0, 1, 0.01);
  const show = latest(async () => {
    const t = Number(place.value);
    const weights = new Float32Array(names.length);
    weights[Number(from.value)] += 1 - t;
    weights[Number(to.value)] += t;
    const [a, b] = [from, to].map((x) => generator.classes[Number(x.value)]);
    items.show(
      await generator.make([generator.latent(seedOf(seed))], [weights]),
      [`${Math.round(t * 100)} % of the way from ${a} to ${b}`],
    );
  });
  [from, to, seed, place].forEach((x) => x.addEventListener("input", show));
  const element = panel(
    "Morph", "Between two classes: their embeddings are mixed.",
    el(
      "div", { class: "split" },
      el(
        "div", { class: "controls stacked" }, labelled("From class", from),
        labelled("To class", to), labelled("Seed", seed),
        labelled("Way", place, "field wide"),
        el("div", { class: "buttons" }, button("New seed", () => {
          seed.value = anySeed();
          show();
        })),
      ),
      items.element,
    ),
  );
  return { element, show };
}
