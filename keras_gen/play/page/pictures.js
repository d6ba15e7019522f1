// From what networks make to what is seen, and back.

// A part of an array of levels in [-1, 1], (height, width, channels), on a
// canvas: grey, or the first three channels, as keras_gen shows them.
export function paint(canvas, data, height, width, channels, start = 0) {
  canvas.width = width;
  canvas.height = height;
  const image = new ImageData(width, height);
  const green = channels < 3 ? 0 : 1;
  const blue = channels < 3 ? 0 : 2;
  for (let i = 0; i < height * width; i++) {
    const from = start + i * channels;
    image.data[4 * i] = level(data[from]);
    image.data[4 * i + 1] = level(data[from + green]);
    image.data[4 * i + 2] = level(data[from + blue]);
    image.data[4 * i + 3] = 255;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

function level(x) {
  return Math.min(Math.max(Math.round((x + 1) * 127.5), 0), 255);
}

// A canvas's pixels as floats in [-1, 1], (height, width, channels).
export function floats(canvas, channels) {
  const { width, height } = canvas;
  const pixels = canvas.getContext("2d").getImageData(0, 0, width, height).data;
  const found = new Float32Array(width * height * channels);
  for (let i = 0; i < width * height; i++) {
    const [red, green, blue] = pixels.subarray(4 * i, 4 * i + 3);
    if (channels === 1) {
      // Luma of Rec. 601, as Pillow's.
      const grey = Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
      found[i] = grey / 127.5 - 1;
    } else {
      found[3 * i] = red / 127.5 - 1;
      found[3 * i + 1] = green / 127.5 - 1;
      found[3 * i + 2] = blue / 127.5 - 1;
    }
  }
  return found;
}

// The middle of a picture, scaled to a canvas of this size.
export function fit(source, width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const [wide, high] = [
    source.naturalWidth ?? source.width, source.naturalHeight ?? source.height,
  ];
  const scale = Math.max(width / wide, height / high);
  const [cutWide, cutHigh] = [width / scale, height / scale];
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  // One of the right size stays as it is, pixel by pixel.
  context.imageSmoothingEnabled = scale !== 1;
  context.drawImage(
    source, (wide - cutWide) / 2, (high - cutHigh) / 2, cutWide, cutHigh,
    0, 0, width, height,
  );
  return canvas;
}

// A picture from an address that is part of the page, or a file of the user.
export function opened(address) {
  return new Promise((done, failed) => {
    const image = new Image();
    image.onload = () => done(image);
    image.onerror = () => failed(new Error("this is no picture that opens"));
    image.src = address;
  });
}
