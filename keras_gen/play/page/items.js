// What models make, shown: pictures, points, videos and solids.

import { el } from "./dom.js";
import { paint } from "./pictures.js";
import { renderSolid } from "./solids.js";

const still = matchMedia("(prefers-reduced-motion: reduce)");

// A place for items. `show(made, names)` fills it: `made` is what a network
// gives, {data, dims}; `names` say what each item is, for those who hear it.
export class Items {
  constructor(model, className = "items") {
    this.model = model;
    this.element = el("div", { class: className });
    this.canvases = [];
    this.timer = 0;
  }

  show({ data, dims }, names) {
    clearInterval(this.timer);
    const type = this.model.made.type;
    const [count, ...shape] = dims;
    if (type === "points") {
      this.arrange(1, () => `${count} points`);
      scatter(this.canvases[0], data, count);
      return;
    }
    this.arrange(count, (i) => names[i]);
    const size = shape.reduce((product, n) => product * n, 1);
    const frames = { video: shape[0], voxels: 36 }[type] ?? 1;
    const draw = (frame) => this.canvases.forEach((canvas, i) => {
      if (type === "video") {
        const [time, height, width, channels] = shape;
        const start = i * size + frame * size / time;
        paint(canvas, data, height, width, channels, start);
      } else if (type === "voxels") {
        const solid = data.subarray(i * size, (i + 1) * size);
        renderSolid(canvas, solid, shape, (frame * 10 + 30) * Math.PI / 180);
      } else {
        paint(canvas, data, ...shape, i * size);
      }
    });
    draw(0);
    // Pixels are shown as such where there are few.
    this.canvases.forEach((canvas) => {
      canvas.classList.toggle("fine", canvas.width >= 128);
    });
    if (frames > 1 && !still.matches) {
      let frame = 0;
      this.timer = setInterval(() => {
        // A page that was left takes its items with it.
        if (!this.element.isConnected) {
          clearInterval(this.timer);
        }
        frame = (frame + 1) % frames;
        draw(frame);
      }, 120);
    }
  }

  // As many canvases as items: those that are there stay, or they would
  // flicker while a slider moves.
  arrange(count, name) {
    while (this.canvases.length < count) {
      this.canvases.push(el("canvas", { role: "img" }));
    }
    this.canvases.length = count;
    this.canvases.forEach((canvas, i) => {
      canvas.setAttribute("aria-label", name(i) ?? "what the model makes");
      canvas.title = name(i) ?? "";
    });
    if (this.element.children.length !== count) {
      this.element.replaceChildren(...this.canvases);
    }
  }
}

const SIDE = 384;
const REACH = 3;

// Points, the second number upwards, between -3 and 3.
function scatter(canvas, data, count) {
  canvas.width = canvas.height = SIDE;
  canvas.classList.add("plot");
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, SIDE, SIDE);
  context.fillStyle = "rgba(20, 60, 160, 0.5)";
  for (let i = 0; i < count; i++) {
    const x = (data[2 * i] / REACH + 1) / 2 * SIDE;
    const y = (1 - data[2 * i + 1] / REACH) / 2 * SIDE;
    context.fillRect(x - 1.5, y - 1.5, 3, 3);
  }
}
