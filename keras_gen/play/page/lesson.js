// The lesson: a GAN that is trained in the page.

import {
  anySeed, button, el, labelled, panel, say, seedInput, seedOf, select,
} from "./dom.js";
import { GAN_RING } from "./game.js";
import { grid, ring } from "./mixtures.js";
import { drawPlane } from "./plane.js";
import { Report } from "./report.js";
import { Sketch } from "./sketch.js";
import { Training } from "./training.js";

// Of which a phone, too, computes many steps in a second.
const SMALL = { ...GAN_RING, width: 32, batch: 64 };
// Milliseconds: a half step in slow motion; training between two pictures, at
// least; between pictures for who wants no motion; between numbers.
const SLOW = 1000;
const FAST = 25;
const CALM = 2000;
const NUMBERS = 500;

const KEYS = "Arrow keys move a cursor, the space bar puts a Gaussian there, "
  + "Backspace takes the last away.";

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const pause = (time) => new Promise((done) => { setTimeout(done, time); });
const frame = () => new Promise((done) => { requestAnimationFrame(done); });

export function lessonPage(models) {
  const lesson = new Lesson(
    new Report(models.find((model) => model.name === "gan_ring")),
  );
  return el(
    "article", {},
    el("h1", { tabindex: -1 }, "Watch a GAN learn"),
    el("p", { class: "summary" }, "Two small networks learn against each "
      + "other, here in the page: the generator makes points of noise, the "
      + "discriminator tells them from those of the data."),
    lesson.element, lesson.report.element, notes(),
  );
}

class Lesson {
  constructor(report) {
    this.report = report;
    this.plane = el("canvas", {
      class: "sheet plot", tabindex: 0, role: "application",
    });
    this.sketch = new Sketch(
      this.plane, () => this.training.mixture,
      (other) => (other ? this.sketched() : this.draw()),
    );
    this.running = false;
    this.#controls();
    this.element = this.#laid();
    this.begin();
  }

  #controls() {
    this.play = button("Play", () => (this.running ? this.stop() : this.run()));
    this.speed = select([["fast", "fast"], ["slow", "slow motion"]]);
    this.data = select([
      ["ring", "ring of 8"], ["grid", "grid of 25"], ["own", "my own"],
    ]);
    this.network = select([
      ["small", `small: ${size(SMALL)}`],
      ["large", `gan_ring's: ${size(GAN_RING)}`],
    ]);
    this.rate = select([
      ["0.0003", "0.0003"], ["0.001", "0.001, gan_ring's"], ["0.003", "0.003"],
    ], 2);
    this.r1 = el("input", { type: "checkbox", checked: true });
    this.seed = seedInput("0");
    for (const input of [this.seed, this.data, this.network]) {
      input.addEventListener("input", () => this.begin());
    }
    for (const input of [this.rate, this.r1]) {
      input.addEventListener("input", () => this.tune());
    }
  }

  #laid() {
    return panel(
      "Train", "Rings are the data's Gaussians, dots what the generator makes; "
      + "arrows are the discriminator's gradients there, which the generator "
      + "follows. The ground is what the discriminator thinks of each place: "
      + "orange real, blue fake. Draw data of your own into it, also while it "
      + "learns.",
      el(
        "div", { class: "controls" }, this.play,
        button("Step", () => this.once()), button("Reset", () => this.begin()),
        labelled("Speed", this.speed), labelled("Data", this.data),
      ),
      el(
        "div", { class: "split" },
        el("div", { class: "drawing" }, this.plane, el(
          "div", { class: "buttons" },
          button("Undo", () => this.sketch.undo()),
          button("Clear", () => this.sketch.clear()),
        )),
        el(
          "div", { class: "controls stacked" },
          labelled("Networks", this.network),
          labelled("Learning rate", this.rate),
          labelled(
            `R1 penalty, weight ${GAN_RING.r1}`, this.r1, "field check",
          ),
          labelled("Seed", this.seed),
          el("div", { class: "buttons" }, button("Another seed", () => {
            this.seed.value = anySeed();
            this.begin();
          })),
        ),
      ),
    );
  }

  // From the start.
  begin() {
    this.stop();
    const settings = this.network.value === "large" ? GAN_RING : SMALL;
    const seed = Number(BigInt.asIntN(32, seedOf(this.seed)));
    this.training = new Training(settings, this.#mixture(), seed);
    this.tune();
    this.show();
  }

  // What may change while it learns.
  tune() {
    this.training.tune(
      Number(this.rate.value), this.r1.checked ? GAN_RING.r1 : 0,
    );
  }

  #mixture() {
    const { value } = this.data;
    return { ring, grid }[value]?.() ?? this.sketch.mixture();
  }

  sketched() {
    this.data.value = "own";
    this.training.mixture = this.sketch.mixture();
    this.show();
    if (this.#ready()) {
      say(`Gaussians drawn: ${this.sketch.centres.length}.`);
    }
  }

  // Whether there is something to learn.
  #ready() {
    const there = this.training.mixture.centres.length > 0;
    if (!there) {
      this.stop();
      say("No data: draw some into the plane.");
    }
    return there;
  }

  once() {
    this.stop();
    if (this.#ready()) {
      this.training.step();
      this.show();
      say(`Step ${this.training.steps}.`);
    }
  }

  stop() {
    this.running = false;
    this.play.textContent = "Play";
  }

  async run() {
    if (!this.#ready()) {
      return;
    }
    this.running = true;
    this.play.textContent = "Pause";
    say("");
    const { training } = this;
    // Not after the page was left, nor when another training has begun.
    const on = () => this.running && training === this.training
      && this.plane.isConnected;
    let cost = 0;
    while (on()) {
      if (this.speed.value === "slow") {
        this.#half();
        await pause(calm.matches ? CALM : SLOW);
      } else {
        // Pictures take at most a third of the time.
        training.work(Math.max(FAST, 2 * cost));
        cost = this.#shownInTime();
        await frame();
      }
    }
    if (training === this.training && this.plane.isConnected) {
      this.show();
      say(`Paused at step ${training.steps}.`);
    }
  }

  #half() {
    const { training } = this;
    const who = training.half();
    this.show();
    say(who === "discriminator"
      ? `Step ${training.steps + 1}: the discriminator has learned; the ground `
        + "and the arrows are new."
      : `Step ${training.steps}: the generator has followed the arrows.`);
  }

  // Shows what is due: milliseconds that it took.
  #shownInTime() {
    const begun = performance.now();
    if (!calm.matches || begun - this.drawnAt > CALM) {
      this.draw();
      if (begun - this.measuredAt > NUMBERS) {
        this.measure();
      }
    }
    return performance.now() - begun;
  }

  show() {
    this.draw();
    this.measure();
  }

  draw() {
    this.drawnAt = performance.now();
    const { focused, cursor } = this.sketch;
    drawPlane(this.plane, this.training, focused ? cursor : null);
    this.report.draw(this.training);
  }

  measure() {
    this.measuredAt = performance.now();
    this.report.measure(this.training);
    this.plane.setAttribute(
      "aria-label", `${this.report.words(this.training)} ${KEYS}`,
    );
  }
}

const size = ({ width, batch }) => `${width} units, ${batch} points a step`;

function notes() {
  return panel("What to see", null, el("ul", {}, [
    "In slow motion: a step has two halves. First the discriminator learns, "
    + "and the ground turns; then the generator follows the arrows.",
    "On the ring, with the small networks, a rate of 0.003 and seed 0: after "
    + "2,000 steps the generator covers 8 of 8 modes.",
    "The same without R1, after 4,000 steps: it covers 1 of 8, where nearly "
    + "all of its samples are good. This is mode collapse. The losses do not "
    + "tell; the modes do. Switch R1 on, and go on.",
    "Draw a Gaussian far from the others while it learns, and see whether it "
    + "is found.",
  ].map((text) => el("li", {}, text))));
}
