// Panel of translators whose input is a label map: draw one, and see what it
// means.

import {
  anySeed, button, el, labelled, latest, panel, range, seedInput, seedOf,
} from "./dom.js";
import { Editor } from "./editor.js";
import { Items } from "./items.js";
import { opened, fit } from "./pictures.js";
import { translate } from "./translator.js";

const TOOLS = [
  ["brush", "Line"], ["rectangle", "Rectangle"], ["fill", "Fill"],
];

export function labelMapPanel(model, entry) {
  const items = new Items(model, "items single");
  const seed = seedInput("0");
  const show = latest(async () => {
    const { size } = entry;
    items.show(
      await translate(
        model, entry, editor.floats(), size, size, seedOf(seed),
      ),
      ["What the model makes of the map"],
    );
  });
  const editor = new Editor(entry.size, entry.palette, show);
  const examples = model.examples[entry.from] ?? [];
  let next = 0;
  const example = async () => {
    const picture = await opened(examples[next % examples.length]);
    next++;
    editor.take(fit(picture, entry.size, entry.size));
  };
  const width = range(editor.width, 1, Math.round(entry.size / 4), 1);
  width.addEventListener("input", () => { editor.width = Number(width.value); });
  seed.addEventListener("input", show);
  const noisy = entry.noise.length > 0;
  const element = panel(
    "Draw a map", "Choose a class and draw: the model fills it in.",
    el(
      "div", { class: "split" },
      el(
        "div", { class: "drawing" },
        choices("Tool", TOOLS, editor.tool, (x) => { editor.tool = x; }),
        editor.canvas,
        el(
          "div", { class: "buttons" },
          button("Undo", () => editor.undo()),
          button("Clear", () => editor.clear()),
          examples.length ? button("Random", example) : null,
        ),
      ),
      items.element,
    ),
    choices(
      "Class", entry.palette.map(({ name }, i) => [String(i), name]),
      String(editor.label), (x) => { editor.label = Number(x); },
      entry.palette.map(({ colour }) => colour),
    ),
    el(
      "div", { class: "controls" }, labelled("Width of lines", width),
      noisy ? labelled("Seed", seed) : null,
      noisy ? button("New seed", () => {
        seed.value = anySeed();
        show();
      }) : null,
    ),
  );
  return { element, show: () => (examples.length ? example() : show()) };
}

let count = 0;

// Radio buttons in a row; with colours each has its own.
function choices(title, options, chosen, choose, colours = []) {
  const name = `choice-${++count}`;
  return el(
    "fieldset", { class: "choices" }, el("legend", {}, title),
    options.map(([value, text], i) => {
      const swatch = el("span", { class: "swatch", "aria-hidden": "true" });
      swatch.style.background = colours[i] ?? "";
      return el(
        "label", {},
        el("input", {
          type: "radio", name, value, checked: value === chosen,
          on: { change: () => choose(value) },
        }),
        colours.length ? swatch : null, text,
      );
    }),
  );
}
