// A label map that is drawn: a grid with the number of a class in each pixel.

import { el } from "./dom.js";

const UNDO = 50;

export class Editor {
  // palette: [{name, colour: "#rrggbb"}]; changed(): after each stroke.
  constructor(size, palette, changed) {
    this.size = size;
    this.colours = palette.map(({ colour }) => [1, 3, 5].map(
      (i) => parseInt(colour.slice(i, i + 2), 16),
    ));
    this.changed = changed;
    this.cells = new Uint8Array(size * size);
    this.undone = [];
    this.label = Math.min(1, palette.length - 1);
    this.tool = "brush";
    this.width = Math.max(Math.round(size / 16), 1);
    this.cursor = { x: size >> 1, y: size >> 1 };
    this.corner = null;
    this.canvas = el("canvas", {
      class: "editor", width: size, height: size, tabindex: 0,
      role: "application",
      "aria-label": "Label map to draw on: the arrow keys move, the space bar "
        + "draws; of a rectangle it sets one corner, then the other",
    });
    this.pixels = this.canvas.getContext("2d", { willReadFrequently: true });
    this.listen();
  }

  listen() {
    const { canvas } = this;
    const at = ({ clientX, clientY }) => {
      const box = canvas.getBoundingClientRect();
      return {
        x: Math.floor((clientX - box.left) / box.width * this.size),
        y: Math.floor((clientY - box.top) / box.height * this.size),
      };
    };
    let last = null;
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.corner = null;
      last = at(event);
      this.begin();
      this.stroke(last, last);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (last) {
        const now = at(event);
        this.stroke(last, now);
        // A rectangle keeps its first corner.
        last = this.tool === "rectangle" ? last : now;
      }
    });
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, () => {
        if (last) {
          last = null;
          this.changed();
        }
      });
    }
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("blur", () => this.paint());
    canvas.addEventListener("focus", () => this.paint());
  }

  key(event) {
    const step = Math.max(Math.round(this.size / 32), 1);
    const moves = {
      ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step],
      ArrowDown: [0, step],
    };
    if (event.key in moves) {
      const inside = (x) => Math.min(Math.max(x, 0), this.size - 1);
      this.cursor.x = inside(this.cursor.x + moves[event.key][0]);
      this.cursor.y = inside(this.cursor.y + moves[event.key][1]);
    } else if (event.key === " " || event.key === "Enter") {
      this.press();
    } else if (event.key === "z" && (event.ctrlKey || event.metaKey)) {
      this.undo();
    } else {
      return;
    }
    event.preventDefault();
    this.paint();
  }

  press() {
    if (this.tool === "rectangle" && !this.corner) {
      this.corner = { ...this.cursor };
      return;
    }
    this.begin();
    this.stroke(this.corner ?? this.cursor, this.cursor);
    this.corner = null;
    this.changed();
  }

  // Keeps what is there for `undo`.
  begin() {
    this.undone.push(this.cells.slice());
    this.undone.splice(0, this.undone.length - UNDO);
  }

  stroke(from, to) {
    if (this.tool === "fill") {
      this.fill(to);
    } else if (this.tool === "rectangle") {
      // Anew at each move, from what was there before.
      this.cells.set(this.undone.at(-1));
      this.box(
        Math.min(from.x, to.x), Math.min(from.y, to.y),
        Math.max(from.x, to.x) + 1, Math.max(from.y, to.y) + 1,
      );
    } else {
      const steps = Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y));
      const half = this.width / 2;
      for (let i = 0; i <= steps; i++) {
        const t = steps ? i / steps : 0;
        const [x, y] = [
          from.x + t * (to.x - from.x), from.y + t * (to.y - from.y),
        ].map((z) => Math.round(z - half + 0.5));
        this.box(x, y, x + this.width, y + this.width);
      }
    }
    this.paint();
  }

  box(left, top, right, bottom) {
    for (let y = Math.max(top, 0); y < Math.min(bottom, this.size); y++) {
      const [from, to] = [Math.max(left, 0), Math.min(right, this.size)];
      if (from < to) {
        this.cells.fill(this.label, y * this.size + from, y * this.size + to);
      }
    }
  }

  // All that hangs together with a cell and has its class.
  fill({ x, y }) {
    if (x < 0 || y < 0 || x >= this.size || y >= this.size) {
      return;
    }
    const old = this.cells[y * this.size + x];
    if (old === this.label) {
      return;
    }
    const waiting = [y * this.size + x];
    while (waiting.length) {
      const cell = waiting.pop();
      if (this.cells[cell] !== old) {
        continue;
      }
      this.cells[cell] = this.label;
      const column = cell % this.size;
      if (column > 0) waiting.push(cell - 1);
      if (column < this.size - 1) waiting.push(cell + 1);
      if (cell >= this.size) waiting.push(cell - this.size);
      if (cell + this.size < this.cells.length) waiting.push(cell + this.size);
    }
  }

  undo() {
    if (this.undone.length) {
      this.cells.set(this.undone.pop());
      this.paint();
      this.changed();
    }
  }

  clear() {
    this.begin();
    this.cells.fill(0);
    this.paint();
    this.changed();
  }

  // Takes a picture whose pixels have colours of the palette.
  take(canvas) {
    const { data } = canvas.getContext("2d").getImageData(
      0, 0, this.size, this.size,
    );
    this.begin();
    for (let i = 0; i < this.cells.length; i++) {
      const far = this.colours.map((colour) => colour.reduce(
        (sum, level, j) => sum + (level - data[4 * i + j]) ** 2, 0,
      ));
      this.cells[i] = far.indexOf(Math.min(...far));
    }
    this.paint();
    this.changed();
  }

  // The map in levels of [-1, 1], (size, size, 3).
  floats() {
    return Float32Array.from(
      { length: 3 * this.cells.length },
      (_, i) => this.colours[this.cells[Math.floor(i / 3)]][i % 3] / 127.5 - 1,
    );
  }

  paint() {
    const image = new ImageData(this.size, this.size);
    this.cells.forEach((label, i) => {
      image.data.set([...this.colours[label], 255], 4 * i);
    });
    this.pixels.putImageData(image, 0, 0);
    if (this.canvas.matches(":focus-visible")) {
      // Where the keys are, for who uses them; it is on the canvas alone, not
      // in the map.
      const { x, y } = this.corner ?? this.cursor;
      this.pixels.strokeStyle = "#fff";
      this.pixels.strokeRect(
        Math.min(x, this.cursor.x) - 0.5, Math.min(y, this.cursor.y) - 0.5,
        Math.abs(x - this.cursor.x) + 2, Math.abs(y - this.cursor.y) + 2,
      );
    }
  }
}
