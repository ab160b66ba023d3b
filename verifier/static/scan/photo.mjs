// SPDX-License-Identifier: Apache-2.0
/** Codes in a photo: read as it is, then smaller, larger and turned, until one is found. */

const SIDES = [1400, 900, 2400, 600]; // pixels of the longer side
const TURNS = [0, 30, 60]; // degrees; a decoder finds right angles by itself

/** @returns {{side: number, turn: number}[]} what is tried, the likeliest first */
export const planAttempts = () => TURNS.flatMap((turn) => SIDES.map((side) => ({ side, turn })));

function draw(bitmap, { side, turn }) {
  const scale = Math.min(2, side / Math.max(bitmap.width, bitmap.height));
  const [w, h] = [bitmap.width, bitmap.height].map((length) => Math.max(1, Math.round(length * scale)));
  const angle = (turn * Math.PI) / 180;
  const [sin, cos] = [Math.abs(Math.sin(angle)), Math.abs(Math.cos(angle))];
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(w * cos + h * sin);
  canvas.height = Math.ceil(w * sin + h * cos);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.translate(canvas.width / 2, canvas.height / 2);
  context.rotate(angle);
  context.drawImage(bitmap, -w / 2, -h / 2, w, h);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

/**
 * @param {Blob} file @param {import("./decode.mjs").Decoder} decoder
 * @returns {Promise<string[]|null>} the texts of the codes in it, [] if there is none; null: it is no picture
 */
export async function readPhoto(file, decoder) {
  const bitmap = await createImageBitmap(file).catch(() => null);
  if (bitmap === null) return null;
  try {
    for (const attempt of planAttempts()) {
      const { texts } = await decoder.decode(draw(bitmap, attempt), true);
      if (texts.length) return texts;
      await new Promise((resolve) => setTimeout(resolve)); // the page stays alive in between
    }
    return [];
  } finally {
    bitmap.close();
  }
}
