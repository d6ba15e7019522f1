// Gaussians that the user puts into the plane, with a pointer or by keys.

// Those of a stroke keep this share of the plane apart.
const APART = 1 / 15;
const MOST = 60;
const STEP = 1 / 20;

// `seen()` is the mixture that the canvas shows: the sketch's own or another,
// in whose place a new sketch begins. `changed(how)` is told when the sketch
// has other Gaussians (true), or the cursor is elsewhere (false).
export class Sketch {
  constructor(canvas, seen, changed) {
    Object.assign(this, { canvas, seen, changed });
    // The first example: a triangle.
    this.centres = [[-1.5, -1], [1.5, -1], [0, 1.6]];
    this.limit = 3;
    this.cursor = [0, 0];
    this.undone = [];
    this.#listen();
  }

  get focused() {
    return this.canvas.matches(":focus-visible");
  }

  mixture() {
    const { centres, limit } = this;
    return { centres, sigma: 0.05, limit };
  }

  #listen() {
    let last = null;
    const at = (event) => {
      const box = this.canvas.getBoundingClientRect();
      const { limit } = this.seen();
      return [
        (2 * (event.clientX - box.left) / box.width - 1) * limit,
        (1 - 2 * (event.clientY - box.top) / box.height) * limit,
      ];
    };
    const end = () => { last = null; };
    this.canvas.addEventListener("pointerdown", (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      last = at(event);
      this.put(last);
    });
    this.canvas.addEventListener("pointermove", (event) => {
      const here = at(event);
      const far = last && Math.hypot(here[0] - last[0], here[1] - last[1]);
      if (far >= 2 * APART * this.limit) {
        last = here;
        this.put(here);
      }
    });
    this.canvas.addEventListener("pointerup", end);
    this.canvas.addEventListener("pointercancel", end);
    this.canvas.addEventListener("keydown", (event) => this.#key(event));
    for (const name of ["focus", "blur"]) {
      this.canvas.addEventListener(name, () => this.changed(false));
    }
  }

  #key(event) {
    const by = {
      ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1],
      ArrowDown: [0, -1],
    }[event.key];
    if (by) {
      const { limit } = this.seen();
      this.cursor = this.cursor.map((x, i) => Math.min(
        Math.max(x + 2 * STEP * limit * by[i], -limit), limit,
      ));
      this.changed(false);
    } else if (event.key === " " || event.key === "Enter") {
      this.put([...this.cursor]);
    } else if (event.key === "Backspace") {
      this.undo();
    } else {
      return;
    }
    event.preventDefault();
  }

  put(centre) {
    const { centres, limit } = this.seen();
    this.limit = limit;
    const mine = centres === this.centres ? centres : [];
    this.#become([...mine, centre].slice(-MOST));
  }

  clear() {
    this.#become([]);
  }

  undo() {
    if (this.undone.length) {
      this.centres = this.undone.pop();
      this.changed(true);
    }
  }

  #become(centres) {
    this.undone.push(this.centres);
    this.centres = centres;
    this.changed(true);
  }
}
