// Which page is shown: "#/" the gallery, "#/<id>" a model. Of one model alone
// there is no gallery.

import { el, say } from "./dom.js";
import { galleryPage } from "./gallery.js";
import { modelPage } from "./model.js";
import { zoo } from "./store.js";

const main = document.getElementById("main");
const { models } = zoo;

function wanted() {
  const id = decodeURIComponent(location.hash.replace(/^#\/?/, ""));
  return models.find((model) => model.id === id)
    ?? (models.length === 1 ? models[0] : null);
}

function show(focus) {
  const model = wanted();
  document.title = model ? `${model.name} · keras_gen` : "keras_gen";
  const back = model && models.length > 1
    ? el("p", { class: "back" }, el("a", { href: "#/" }, "All models")) : null;
  main.replaceChildren(...[
    back, model ? modelPage(model) : galleryPage(models),
  ].filter(Boolean));
  say("");
  if (focus) {
    scrollTo(0, 0);
    // So that a screen reader says where one is now.
    main.querySelector("h1").focus();
  }
}

addEventListener("hashchange", () => show(true));
document.querySelector(".skip").addEventListener("click", (event) => {
  // Its address would be taken for a model's.
  event.preventDefault();
  main.focus();
});
show(false);
