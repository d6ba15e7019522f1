// All models as cards.

import { el, labelled } from "./dom.js";
import { others, shown, size } from "./model.js";
import { address } from "./store.js";

const CAN = [
  ["draws", "draws"], ["labels", "classes"], ["translates", "translates"],
  ["encodes", "reconstructs"], ["predicts", "classifies"],
];

export function galleryPage(models) {
  const cards = models.map((model) => ({ model, element: card(model) }));
  const search = el("input", { type: "search", autocomplete: "off" });
  const left = el("p", { class: "note", "aria-live": "polite" });
  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/);
    let count = 0;
    for (const { model, element } of cards) {
      const text = `${model.name} ${model.summary} ${can(model).join(" ")}`
        .toLowerCase();
      element.hidden = !words.every((word) => text.includes(word));
      count += !element.hidden;
    }
    left.textContent = count === 1 ? "1 model" : `${count} models`;
  };
  search.addEventListener("input", filter);
  filter();
  return el(
    "article", {},
    el("h1", { tabindex: -1 }, "Models"),
    el("p", { class: "summary" }, "Choose one: it is loaded into this browser "
      + "and computes here. No picture leaves this machine. New to this? ",
      el("a", { href: "#/lesson/gan" }, "Watch a GAN learn"), "."),
    el("div", { class: "controls" }, labelled("Search", search), left),
    el("ul", { class: "cards" }, cards.map(({ element }) => element)),
  );
}

const can = (model) => CAN.filter(([key]) => model[key]).map(([, text]) => text);

function card(model) {
  const image = el("img", {
    class: "grid", loading: "lazy", alt: `What ${model.name} makes`,
  });
  if (model.picture) {
    address(`models/${model.id}/card.png`).then((src) => { image.src = src; });
  }
  const first = model.numbers[0];
  const data = model.texts.find(([title]) => title === "Data");
  return el(
    "li", { class: "card" },
    model.picture ? image : el("div", { class: "grid none" }, "no picture"),
    el("h2", {}, el("a", { href: `#/${model.id}` }, model.name)),
    el("p", {}, model.summary),
    el("p", { class: "tags" }, can(model).map((text) => el("span", {}, text))),
    first ? el(
      "p", { class: "note" },
      el("strong", {}, `${first.metric} ${shown(first.model)}`),
      others(first) ? ` (${others(first)})` : "",
    ) : null,
    data ? el("p", { class: "note" }, data[1]) : null,
    el("p", { class: "note" }, `${size(model)} to download`),
  );
}
