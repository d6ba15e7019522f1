// Fully connected networks, their backpropagation by hand, and Adam. Rows are
// Float64Array, one after another; nothing here knows of a page.

// sum (n, m) += a (n, k) b (k, m).
function addProduct(sum, a, b, n, k, m) {
  for (let i = 0; i < n; i++) {
    const row = i * m;
    let j = 0;
    // Four terms at once: each number of the sum is read a fourth as often.
    for (; j + 3 < k; j += 4) {
      const from = i * k + j;
      const a0 = a[from];
      const a1 = a[from + 1];
      const a2 = a[from + 2];
      const a3 = a[from + 3];
      for (let l = 0, at = j * m; l < m; l++, at++) {
        sum[row + l] += a0 * b[at] + a1 * b[at + m] + a2 * b[at + 2 * m]
          + a3 * b[at + 3 * m];
      }
    }
    for (; j < k; j++) {
      const factor = a[i * k + j];
      for (let l = 0, at = j * m; l < m; l++, at++) {
        sum[row + l] += factor * b[at];
      }
    }
  }
  return sum;
}

// (m, n) of (n, m).
function transposed(a, n, m) {
  const found = new Float64Array(n * m);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      found[j * n + i] = a[i * m + j];
    }
  }
  return found;
}

export const zeros = (arrays) => arrays.map((x) => new Float64Array(x.length));

// Dense layers with a leaky ReLU between them, whose slope left of 0 is given.
export class Network {
  // sizes: [inputs, units of each hidden layer ..., outputs]. The weights are
  // drawn from a `Stream` as those of keras_gen/networks/points.py.
  constructor(sizes, slope, stream) {
    this.sizes = sizes;
    this.slope = slope;
    this.depth = sizes.length - 1;
    // [kernel (inputs, outputs), bias (outputs), kernel, ...], Keras' order.
    this.weights = [];
    for (let i = 0; i < this.depth; i++) {
      const draw = i + 1 < this.depth ? "heNormal" : "glorotUniform";
      this.weights.push(
        stream[draw](sizes[i], sizes[i + 1]), new Float64Array(sizes[i + 1]),
      );
    }
  }

  // What each layer makes of n rows: [rows, ..., output]. With other weights
  // in their place, those.
  forward(rows, n, weights = this.weights) {
    const layers = [rows];
    for (let i = 0; i < this.depth; i++) {
      const [inputs, outputs] = [this.sizes[i], this.sizes[i + 1]];
      const made = new Float64Array(n * outputs);
      for (let row = 0; row < n; row++) {
        made.set(weights[2 * i + 1], row * outputs);
      }
      addProduct(made, layers[i], weights[2 * i], n, inputs, outputs);
      layers.push(i + 1 < this.depth ? this.#bent(made, made) : made);
    }
    return layers;
  }

  // Values times the slopes that the units have where they are `at`.
  #bent(values, at) {
    const bent = new Float64Array(values.length);
    for (let i = 0; i < bent.length; i++) {
      bent[i] = at[i] > 0 ? values[i] : this.slope * values[i];
    }
    return bent;
  }

  // Backpropagation from the slopes of a loss by the output, (n, outputs).
  // Gives {rows: its slopes by the rows, sums: those by each layer's sums,
  // before the units bend these}.
  backward(layers, slopes, n) {
    const sums = [];
    let rows = slopes;
    for (let i = this.depth - 1; i >= 0; i--) {
      const [inputs, outputs] = [this.sizes[i], this.sizes[i + 1]];
      sums[i] = i + 1 < this.depth ? this.#bent(rows, layers[i + 1]) : rows;
      rows = addProduct(
        new Float64Array(n * inputs), sums[i],
        transposed(this.weights[2 * i], inputs, outputs), n, outputs, inputs,
      );
    }
    return { rows, sums };
  }

  // Adds to `gradients`, which are as the weights, those of that loss.
  addGradients(gradients, layers, { sums }, n) {
    for (let i = 0; i < this.depth; i++) {
      this.#addKernel(gradients, i, layers[i], sums[i], n);
      const bias = gradients[2 * i + 1];
      for (let j = 0; j < sums[i].length; j++) {
        bias[j % bias.length] += sums[i][j];
      }
    }
  }

  #addKernel(gradients, i, given, sums, n) {
    const [inputs, outputs] = [this.sizes[i], this.sizes[i + 1]];
    addProduct(
      gradients[2 * i], transposed(given, n, inputs), sums, inputs, n, outputs,
    );
  }

  // Adds the gradients of a loss that depends on the slopes of one output by
  // the rows: `wanted` (n, inputs) are the loss's own slopes by those, and
  // `back` is what backward gives for output slopes of 1.
  //
  // Where units are straight on either side of 0 those slopes are a product
  // of kernels, W1 M1 W2 M2 ... Wk, M being the units' slopes. So `wanted`
  // goes forward through the same product without biases, and each kernel's
  // gradient is what comes to it times what came back to it.
  addSlopeGradients(gradients, layers, back, wanted, n) {
    let ahead = wanted;
    for (let i = 0; i < this.depth; i++) {
      const [inputs, outputs] = [this.sizes[i], this.sizes[i + 1]];
      this.#addKernel(gradients, i, ahead, back.sums[i], n);
      ahead = addProduct(
        new Float64Array(n * outputs), ahead, this.weights[2 * i], n, inputs,
        outputs,
      );
      if (i + 1 < this.depth) {
        ahead = this.#bent(ahead, layers[i + 1]);
      }
    }
  }
}

// Kingma and Ba 2014, the formula at the end of section 2, as Keras has it.
export class Adam {
  constructor(weights, { rate, beta1, beta2 }) {
    Object.assign(this, { weights, rate, beta1, beta2, steps: 0 });
    this.means = zeros(weights);
    this.squares = zeros(weights);
  }

  step(gradients) {
    this.steps += 1;
    const { beta1, beta2 } = this;
    const rate = this.rate * Math.sqrt(1 - beta2 ** this.steps)
      / (1 - beta1 ** this.steps);
    this.weights.forEach((weight, k) => {
      const [mean, square] = [this.means[k], this.squares[k]];
      for (let i = 0; i < weight.length; i++) {
        const slope = gradients[k][i];
        mean[i] += (1 - beta1) * (slope - mean[i]);
        square[i] += (1 - beta2) * (slope * slope - square[i]);
        weight[i] -= rate * mean[i] / (Math.sqrt(square[i]) + 1e-7);
      }
    });
  }
}
