// The lesson's losses and numbers, and the same in words.

import { el, panel } from "./dom.js";
import { drawCurves } from "./plane.js";

const ROWS = [
  ["steps", "Steps"], ["modes", "Modes covered"], ["good", "Good samples"],
  ["accuracy", "Discriminator is right"], ["losses", "Losses"],
];

const percent = (x) => `${(100 * x).toFixed(1)} %`;

export class Report {
  // `published` is what the page knows of gan_ring, if it has it.
  constructor(published) {
    this.curves = el("canvas", { class: "plot curves", role: "img" });
    this.cells = Object.fromEntries(
      ROWS.map(([name]) => [name, [el("td"), el("td")]]),
    );
    this.element = panel(
      "Losses and numbers", "A sample is good within three standard deviations "
      + "of a Gaussian, and a mode is covered that has one of 2,000. Of the "
      + "data themselves 98.9 % would be good. The average is that of the "
      + "generator's weights over some 1,000 steps, which the zoo publishes.",
      el(
        "div", { class: "split" },
        el(
          "figure", {}, this.curves,
          el("figcaption", {}, "Losses: the discriminator's drawn through, the "
            + "generator's dashed."),
        ),
        el("div", { class: "scroll", tabindex: 0, role: "region",
          "aria-label": "Numbers of this training" }, this.#table()),
      ),
      published ? compared(published) : null,
    );
  }

  #table() {
    return el(
      "table", { class: "short" },
      el("thead", {}, el(
        "tr", {}, el("td"), el("th", { scope: "col" }, "generator"),
        el("th", { scope: "col" }, "its average"),
      )),
      el("tbody", {}, ROWS.map(([name, title]) => el(
        "tr", {}, el("th", { scope: "row" }, title), this.cells[name],
      ))),
    );
  }

  draw(training) {
    drawCurves(this.curves, training.curves);
  }

  measure(training) {
    const { cells } = this;
    const { discriminator, generator, accuracy } = training.told ?? {};
    const modes = training.mixture.centres.length;
    [false, true].forEach((averaged, i) => {
      const { found, highQuality } = training.measured(averaged);
      cells.modes[i].textContent = `${found} of ${modes}`;
      cells.good[i].textContent = percent(highQuality);
    });
    cells.steps[0].textContent = String(training.steps);
    cells.accuracy[0].textContent = accuracy == null ? "" : percent(accuracy);
    cells.losses[0].textContent = [discriminator, generator]
      .filter((x) => x != null).map((x) => x.toFixed(2)).join(" and ");
    this.curves.setAttribute("aria-label", "Losses of the discriminator and "
      + `the generator over ${training.steps} steps, now `
      + (cells.losses[0].textContent || "none"));
  }

  // What the plane shows.
  words(training) {
    const [modes] = this.cells.modes;
    const [good] = this.cells.good;
    return `The plane after ${training.steps} steps: the generator covers `
      + `${modes.textContent} modes, and ${good.textContent} of its samples `
      + "are good.";
  }
}

function compared({ id, numbers }) {
  const [modes, good] = ["modes", "high_quality"].map(
    (name) => numbers.find(({ metric }) => metric === name)?.model,
  );
  return modes == null || good == null ? null : el(
    "p", { class: "note" }, "The zoo's ", el("a", { href: `#/${id}` }, id),
    ", trained on the ring in Python with the larger networks: its moving "
    + `average covers ${modes} modes, and ${percent(good)} of its samples are `
    + "good.",
  );
}
