// The files that belong to the page: beside it, or inside of it where the page
// is one file. Nothing is ever asked of another place.

export const zoo = JSON.parse(document.getElementById("zoo").textContent);

function embedded(name) {
  return [...document.querySelectorAll("script[data-file]")].find(
    (element) => element.dataset.file === name,
  );
}

// The content of a file. `progress(have, total)` is told while it comes.
export async function bytes(name, progress = () => {}) {
  const inside = embedded(name);
  if (inside) {
    return Uint8Array.from(atob(inside.textContent), (c) => c.charCodeAt(0));
  }
  const answer = await fetch(new URL(name, document.baseURI));
  if (!answer.ok) {
    throw new Error(`${name} is not there (${answer.status})`);
  }
  const total = Number(answer.headers.get("Content-Length"));
  const parts = [];
  let have = 0;
  for (const reader = answer.body.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) {
      break;
    }
    parts.push(value);
    have += value.length;
    progress(have, total);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

// The address of a file, for an <img> or an import.
export async function address(name, type = "image/png") {
  if (!embedded(name)) {
    return new URL(name, document.baseURI).href;
  }
  return URL.createObjectURL(new Blob([await bytes(name)], { type }));
}
