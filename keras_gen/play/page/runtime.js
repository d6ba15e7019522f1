// onnxruntime-web: it is started once, and opens a network when one is first
// needed.

import { say, shown } from "./dom.js";
import { address, bytes, zoo } from "./store.js";

let started = null;
// Networks that are open, the one that was opened first in front. Who looks
// through the gallery on a phone has room for a few.
const sessions = new Map();
const MOST = 6;
// Runs wait for each other: a session takes one at a time.
let before = Promise.resolve();

function start() {
  started ??= (async () => {
    say("Starting the engine ...");
    const { library, binary } = zoo.runtime;
    const ort = await import(await address(library, "text/javascript"));
    const content = await bytes(binary, told("the engine"));
    ort.env.wasm.wasmBinary = content.buffer;
    // Threads share memory, which only an isolated page may.
    ort.env.wasm.numThreads = self.crossOriginIsolated
      ? Math.min(navigator.hardwareConcurrency || 1, 4) : 1;
    return ort;
  })();
  return started;
}

const megabytes = (count) => `${(count / 1e6).toFixed(1)} MB`;

function told(what) {
  return (have, total) => say(
    `Loading ${what}: ${megabytes(have)}`
    + (total ? ` of ${megabytes(total)}` : ""),
  );
}

function open(model, network) {
  const name = `models/${model.id}/${network}.onnx`;
  if (!sessions.has(name)) {
    if (sessions.size >= MOST) {
      const [oldest, session] = sessions.entries().next().value;
      sessions.delete(oldest);
      session.then((each) => each.release()).catch(() => {});
    }
    sessions.set(name, (async () => {
      const ort = await start();
      const content = await bytes(name, told(`the ${network}`));
      say(`Opening the ${network} ...`);
      await shown();
      return ort.InferenceSession.create(content, {
        executionProviders: ["wasm"],
      });
    })());
    // What did not come may come when it is asked for again.
    sessions.get(name).catch(() => sessions.delete(name));
  }
  return sessions.get(name);
}

// Runs a network of a model.
//   feeds: {input: {data: a typed array, dims: [n, ...]}}
// Gives {output: {data, dims}}.
export function run(model, network, feeds) {
  const mine = before.then(async () => {
    const ort = await start();
    const session = await open(model, network);
    const tensors = Object.fromEntries(
      Object.entries(feeds).map(([name, { data, dims }]) => [
        name,
        new ort.Tensor(
          data instanceof Int32Array ? "int32" : "float32", data, dims,
        ),
      ]),
    );
    say("Computing ...");
    await shown();
    const begun = performance.now();
    const made = await session.run(tensors);
    say(`Computed in ${Math.round(performance.now() - begun)} ms.`);
    return made;
  });
  before = mine.catch(() => {});
  return mine;
}
