// Panels of models that draw latents: samples, the way between two, sliders.

import {
  anySeed, button, el, labelled, latest, number, panel, range, seedInput,
  seedOf,
} from "./dom.js";
import { Items } from "./items.js";
import { spherical } from "./noise.js";

const POINTS = 2000;
const MOST = 64;

export function drawPanel(model, generator) {
  const items = new Items(model);
  const seed = seedInput("0");
  const points = model.made.type === "points";
  const count = number(points ? POINTS : 8, 1, points ? 10000 : MOST);
  const bound = range(4, Math.max(model.draws.least, 0.1), 4, 0.1);
  const cut = el("output", {}, "none");
  const show = latest(async () => {
    const first = seedOf(seed);
    const most = Number(count.max);
    const n = Math.min(Math.max(Math.round(count.valueAsNumber) || 1, 1), most);
    const limit = Number(bound.value) >= 4 ? Infinity : Number(bound.value);
    cut.value = limit === Infinity ? "none" : String(limit);
    const seeds = Array.from({ length: n }, (_, i) => first + BigInt(i));
    const labels = seeds.map((each) => choice.of(each));
    items.show(
      await generator.make(
        seeds.map((each) => generator.latent(each, limit)), labels,
      ),
      seeds.map((each, i) => generator.classes.length
        ? `${generator.classes[labels[i]]}, seed ${each}` : `Seed ${each}`),
    );
  });
  const choice = generator.choice(show, true);
  [seed, count, bound].forEach((x) => x.addEventListener("input", show));
  const truncation = labelled("Truncation", bound);
  truncation.append(cut);
  // A model that bears none has nothing to choose.
  const bears = model.draws.least < 4;
  const element = panel(
    "Draw", "The same seed gives the picture that Python gives.",
    el(
      "div", { class: "controls" }, labelled("First seed", seed),
      labelled("How many", count), choice.field, bears ? truncation : null,
      button("New seeds", () => {
        seed.value = anySeed();
        show();
      }),
    ),
    bears || !model.draws.says ? null : el(
      "p", { class: "note" }, `This model ${model.draws.says}.`,
    ),
    items.element,
  );
  return { element, show };
}

export function walkPanel(model, generator) {
  const items = new Items(model, "items single");
  const [from, to] = [seedInput("0"), seedInput("1")];
  const place = range(0, 0, 1, 0.01);
  const show = latest(async () => {
    const [a, b] = [from, to].map((x) => generator.latent(seedOf(x)));
    const t = Number(place.value);
    items.show(
      await generator.make([spherical(a, b, t)], [choice.of(0n)]),
      [`${Math.round(t * 100)} % of the way from seed ${seedOf(from)} to `
        + `seed ${seedOf(to)}`],
    );
  });
  const choice = generator.choice(show);
  [from, to, place].forEach((x) => x.addEventListener("input", show));
  const play = button("Play", () => (walking ? stop() : begin()));
  let walking = false;
  function stop() {
    walking = false;
    play.textContent = "Play";
  }
  async function begin() {
    walking = true;
    play.textContent = "Stop";
    if (Number(place.value) >= 1) {
      place.value = 0;
    }
    while (walking && place.isConnected && Number(place.value) < 1) {
      place.value = Number(place.value) + 0.02;
      show();
      await new Promise((done) => { setTimeout(done, 60); });
    }
    stop();
  }
  const element = panel(
    "Walk", "From one seed to another, along the great circle.",
    el(
      "div", { class: "split" },
      el(
        "div", { class: "controls stacked" }, labelled("From seed", from),
        labelled("To seed", to), choice.field,
        labelled("Way", place, "field wide"),
        el(
          "div", { class: "buttons" }, play,
          button("Go on", () => {
            from.value = to.value;
            to.value = anySeed();
            place.value = 0;
            show();
          }),
        ),
      ),
      items.element,
    ),
  );
  return { element, show };
}

export function directionsPanel(model, generator) {
  const { directions } = model.draws;
  return sliderPanel(
    model, generator, "Change", "Sliders along the directions of the latents "
    + "that change pictures most: eigenvectors of the mean of J'J at six "
    + "seeds, J being the Jacobian of the generator.",
    directions.map((direction, i) => [`Direction ${i + 1}`, direction]),
  );
}

export function attributesPanel(model, generator) {
  const { judge, sliders } = model.draws.attributes;
  const percent = (x) => `${Math.round(100 * x)} %`;
  return sliderPanel(
    model, generator, "Attributes", "Directions from the samples in which the "
    + `classifier ${judge} does not see an attribute to those in which it `
    + "does. With each: how likely it finds the attribute, on average, at -2 "
    + "and at 2. Attributes that come together in the data change together.",
    sliders.map(({ name, direction, means: [back, ahead] }) => [
      `${name.replaceAll("_", " ")}: ${percent(back)} to ${percent(ahead)}`,
      direction,
    ]),
  );
}

// moves: [[name, direction], ...].
function sliderPanel(model, generator, title, note, moves) {
  const items = new Items(model, "items single");
  const seed = seedInput("0");
  const sliders = moves.map(() => range(0, -4, 4, 0.1));
  const show = latest(async () => {
    const latent = generator.latent(seedOf(seed)).map((x, j) =>
      sliders.reduce(
        (sum, slider, i) => sum + Number(slider.value) * moves[i][1][j], x,
      ));
    items.show(
      await generator.make([latent], [choice.of(0n)]),
      [`Seed ${seedOf(seed)}, moved by `
        + sliders.map((slider) => slider.value).join(", ")],
    );
  });
  const choice = generator.choice(show);
  [seed, ...sliders].forEach((x) => x.addEventListener("input", show));
  const set = (value) => {
    sliders.forEach((slider) => { slider.value = value(); });
    show();
  };
  const element = panel(
    title, note,
    el(
      "div", { class: "split" },
      el(
        "div", { class: "controls stacked" }, labelled("Seed", seed),
        choice.field,
        sliders.map((x, i) => labelled(moves[i][0], x, "field wide")),
        el(
          "div", { class: "buttons" }, button("Reset", () => set(() => 0)),
          button("Any", () => set(() => Math.random() * 5 - 2.5)),
        ),
      ),
      items.element,
    ),
  );
  return { element, show };
}
