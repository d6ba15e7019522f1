// Only in a page that is one file. Its modules are texts in the page: each
// becomes a Blob, and an import map gives it the name that others import.
(() => {
  const sources = JSON.parse(document.getElementById("modules").textContent);
  const imports = {};
  for (const [name, source] of Object.entries(sources)) {
    const blob = new Blob([source], { type: "text/javascript" });
    imports[`play/${name}`] = URL.createObjectURL(blob);
  }
  const map = document.createElement("script");
  map.type = "importmap";
  map.textContent = JSON.stringify({ imports });
  document.head.append(map);
  const main = document.createElement("script");
  main.type = "module";
  main.textContent = 'import "play/main.js";';
  document.body.append(main);
})();
