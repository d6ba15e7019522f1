// The page of one model: its card, and a panel for each thing that it can do.

import { classGridPanel, morphPanel } from "./classes.js";
import { el } from "./dom.js";
import {
  attributesPanel, directionsPanel, drawPanel, walkPanel,
} from "./draws.js";
import { Generator } from "./generator.js";
import { predictPanel, reconstructPanel, translatePanel } from "./given.js";
import { labelMapPanel } from "./labelmap.js";
import { manifoldPanel } from "./manifold.js";

// What a model can do decides; none has panels of its own.
function panels(model) {
  const found = [];
  const points = model.made?.type === "points";
  if (model.draws) {
    const generator = new Generator(model);
    if (generator.size === 2 && !points) {
      found.push(manifoldPanel(model, generator));
    }
    found.push(drawPanel(model, generator));
    if (model.labels) {
      found.push(classGridPanel(model, generator));
    }
    if (model.labels?.mixes && generator.classes.length > 1) {
      found.push(morphPanel(model, generator));
    }
    if (!points) {
      found.push(walkPanel(model, generator));
    }
    if (model.draws.directions.length && !points) {
      found.push(directionsPanel(model, generator));
    }
    if (model.draws.attributes) {
      found.push(attributesPanel(model, generator));
    }
  }
  for (const entry of model.translates ?? []) {
    const made = entry.palette ? labelMapPanel : translatePanel;
    found.push(made(model, entry));
  }
  if (model.encodes) {
    found.push(reconstructPanel(model));
  }
  if (model.predicts) {
    found.push(predictPanel(model));
  }
  return found;
}

export function modelPage(model) {
  const found = panels(model);
  const page = el(
    "article", {},
    el("h1", { tabindex: -1 }, model.name),
    el("p", { class: "summary" }, model.summary),
    found.map(({ element }) => element),
    about(model),
  );
  // Each computes when it is first seen.
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries.filter((each) => each.isIntersecting)) {
      seen.unobserve(entry.target);
      found.find(({ element }) => element === entry.target).show();
    }
  }, { rootMargin: "200px" });
  found.forEach(({ element }) => seen.observe(element));
  return page;
}

function about(model) {
  return el(
    "section", { class: "panel", "aria-label": "About this model" },
    el("h2", {}, "About this model"),
    el(
      "dl", {}, model.texts.map(([title, text]) => [
        el("dt", {}, title), el("dd", {}, text),
      ]),
      el("dt", {}, "Paper"), el("dd", {}, paper(model.paper)),
      el("dt", {}, "Download"), el("dd", {}, size(model)),
    ),
    model.numbers.length ? numbers(model.numbers) : null,
  );
}

// A link only to what is one: a recipe may say anything there.
function paper(address) {
  return /^https:\/\//.test(address)
    ? el("a", { href: address, rel: "noreferrer" }, address) : address;
}

export function size(model) {
  const total = Object.values(model.networks).reduce((a, b) => a + b, 0);
  return `${(total / 1e6).toFixed(1)} MB`;
}

export const shown = (x) => String(Number(x.toPrecision(4)));

export const others = (row) => Object.entries(row.others)
  .map(([name, value]) => `${name} ${shown(value)}`).join(", ");

const spread = (row) => (row.spread == null
  ? "" : ` ± ${Number(row.spread.toPrecision(1))}`);

function numbers(rows) {
  return el(
    "div", { class: "scroll", tabindex: 0, role: "region",
      "aria-label": "Measured numbers" },
    el(
      "table", {},
      el("caption", {}, "Measured on the test split, with floor and ceiling"),
      el("thead", {}, el(
        "tr", {}, ["metric", "this model", "to compare with"].map(
          (text) => el("th", { scope: "col" }, text),
        ),
      )),
      el("tbody", {}, rows.map((row) => el(
        "tr", {}, el("th", { scope: "row" }, row.metric),
        el("td", {}, shown(row.model) + spread(row)),
        el("td", {}, others(row)),
      ))),
    ),
  );
}
