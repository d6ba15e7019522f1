// A picture from the camera. What it sees is shown on the page alone, and it is
// switched off once a picture was taken, or the page was left.

import { button, el, say } from "./dom.js";

export class Camera {
  // Only a page of this machine, or over https, may ask for one.
  static possible() {
    return Boolean(navigator.mediaDevices?.getUserMedia);
  }

  // taken(canvas): a picture is there.
  constructor(taken) {
    this.taken = taken;
    this.video = el("video", {
      muted: true, playsinline: true, "aria-label": "What the camera sees",
    });
    this.video.muted = true;
    this.start = button("Use the camera", () => this.open());
    this.live = el(
      "div", { class: "camera", hidden: true }, this.video,
      el(
        "div", { class: "buttons" },
        button("Take the picture", () => this.shoot()),
        button("Switch it off", () => this.close()),
      ),
    );
    this.element = el("div", {}, this.start, this.live);
  }

  async open() {
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ video: true });
      this.video.srcObject = this.stream;
      await this.video.play();
    } catch (error) {
      this.close();
      say(`There is no camera to be had: ${error.message}`);
      return;
    }
    this.live.hidden = false;
    this.start.hidden = true;
    addEventListener("hashchange", () => this.close(), { once: true });
  }

  shoot() {
    const { videoWidth: width, videoHeight: height } = this.video;
    const canvas = el("canvas", { width, height });
    canvas.getContext("2d").drawImage(this.video, 0, 0);
    this.close();
    this.taken(canvas);
  }

  close() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
    this.live.hidden = true;
    this.start.hidden = false;
  }
}
