// Elements of the page. Texts only ever become text nodes and attributes, so
// that nothing in a card or a name is read as markup.

// el("p", {class: "note", on: {click: f}}, "text", child, ...)
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) {
        element.addEventListener(event, listener);
      }
    } else if (value === true) {
      element.setAttribute(name, "");
    } else if (value !== false && value != null) {
      element.setAttribute(name, value);
    }
  }
  element.append(...children.flat(Infinity).filter((child) => child != null));
  return element;
}

let count = 0;

// A control with its label; `control` gets an id of its own.
export function labelled(text, control, className = "field") {
  control.id = `control-${++count}`;
  return el(
    "div", { class: className }, el("label", { for: control.id }, text),
    control,
  );
}

export function number(value, least, most) {
  return el("input", { type: "number", min: least, max: most, step: 1, value });
}

// The value comes last: it is rounded to the steps that there are by then.
export function range(value, least, most, step) {
  return el("input", { type: "range", min: least, max: most, step, value });
}

export function select(names, chosen = 0) {
  return el("select", {}, names.map(([value, text], i) =>
    el("option", { value, selected: i === chosen }, text)));
}

export function button(text, press, attributes = {}) {
  return el(
    "button", { type: "button", on: { click: press }, ...attributes }, text,
  );
}

// A part of a model's page.
export function panel(title, note, ...children) {
  const id = `panel-${++count}`;
  return el(
    "section", { class: "panel", "aria-labelledby": id },
    el("h2", { id }, title), note && el("p", { class: "note" }, note),
    ...children,
  );
}

const line = () => document.getElementById("status");

// Says what goes on: read out by screen readers, shown at the foot.
export function say(text) {
  if (line().textContent !== text) {
    line().textContent = text;
  }
}

// A function that runs one call at a time, and of those that come meanwhile
// the last alone: a slider sends more of them than a model can answer. What
// goes wrong is said, not lost.
export function latest(work) {
  let busy = false;
  let next = null;
  return async function call(...given) {
    next = given;
    if (busy) {
      return;
    }
    busy = true;
    try {
      while (next) {
        const now = next;
        next = null;
        await work(...now);
      }
    } catch (error) {
      console.error(error);
      say(`It did not work: ${error.message ?? error}`);
    } finally {
      busy = false;
    }
  };
}

// After the browser has shown what was said: a model's run holds the page up.
export function shown() {
  return new Promise((done) => {
    requestAnimationFrame(() => setTimeout(done));
  });
}

// A seed that was typed, which may be of any size and sign.
export function seedOf(input) {
  return /^\s*[-+]?\d+\s*$/.test(input.value) ? BigInt(input.value) : 0n;
}

export function seedInput(value) {
  return el("input", {
    type: "text", inputmode: "numeric", value, size: 8, autocomplete: "off",
  });
}

// A seed of four digits at most, easy to note down.
export function anySeed() {
  return String(Math.floor(Math.random() * 10000));
}
