// A picture to begin with: one of the page's examples, or the user's own,
// chosen, dropped or taken. It stays in the browser.

import { Camera } from "./camera.js";
import { button, el, labelled, say } from "./dom.js";
import { fit, opened } from "./pictures.js";

export class Chooser {
  // examples: addresses of pictures, of our own drawing.
  // chosen(canvas): a picture of this size is there; `beside`, which the
  // panel sets, is shown from then on.
  constructor(examples, width, height, chosen) {
    this.size = [width, height];
    this.chosen = chosen;
    this.canvas = el("canvas", {
      class: "given", role: "img", "aria-label": "The picture that is given",
    });
    this.examples = examples ?? [];
    const file = el("input", { type: "file", accept: "image/*" });
    file.addEventListener("change", () => this.file(file.files[0]));
    const drop = el(
      "div", { class: "drop" },
      labelled("A picture of yours, or drop it here", file),
    );
    drop.addEventListener("dragover", (event) => event.preventDefault());
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      this.file(event.dataTransfer.files[0]);
    });
    this.element = el(
      "div", { class: "chooser" },
      this.examples.length ? el(
        "div", { class: "thumbs" },
        this.examples.map((address, i) => button(
          el("img", { src: address, alt: `Example ${i + 1}` }),
          () => this.example(i), { class: "thumb" },
        )),
      ) : null,
      drop,
      Camera.possible() ? new Camera((x) => this.take(x)).element : null,
    );
  }

  async example(number = 0) {
    if (this.examples.length) {
      this.take(await opened(this.examples[number]));
    }
  }

  async file(file) {
    if (!file) {
      return;
    }
    const address = URL.createObjectURL(file);
    try {
      this.take(await opened(address));
    } catch (error) {
      say(`${file.name}: ${error.message}`);
    } finally {
      URL.revokeObjectURL(address);
    }
  }

  take(picture) {
    const fitted = fit(picture, ...this.size);
    [this.canvas.width, this.canvas.height] = this.size;
    this.canvas.getContext("2d", { willReadFrequently: true })
      .drawImage(fitted, 0, 0);
    this.beside.hidden = false;
    this.chosen(this.canvas);
  }
}
