// Which page is shown: "#/" the gallery, "#/<id>" a model, "#/lesson/gan" the
// lesson: no id has a slash. Of one model alone there is no gallery.

import { el, say } from "./dom.js";
import { galleryPage } from "./gallery.js";
import { lessonPage } from "./lesson.js";
import { modelPage } from "./model.js";
import { zoo } from "./store.js";

const main = document.getElementById("main");
const { models } = zoo;

// {title, page}; no title of the gallery.
function wanted() {
  const id = decodeURIComponent(location.hash.replace(/^#\/?/, ""));
  if (id === "lesson/gan") {
    return { title: "Watch a GAN learn", page: lessonPage(models) };
  }
  const model = models.find((each) => each.id === id)
    ?? (models.length === 1 ? models[0] : null);
  return model ? { title: model.name, page: modelPage(model) }
    : { page: galleryPage(models) };
}

function show(focus) {
  const { title, page } = wanted();
  document.title = title ? `${title} · keras_gen` : "keras_gen";
  const back = title && models.length > 1
    ? el("p", { class: "back" }, el("a", { href: "#/" }, "All models")) : null;
  main.replaceChildren(...[back, page].filter(Boolean));
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
