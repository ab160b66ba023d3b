// SPDX-License-Identifier: Apache-2.0
/**
 * Reads QR codes from pictures: zxing-wasm, or the `qr` package where there is no WebAssembly. Neither is loaded before
 * a picture is there. Vendored files: docs/browser-verifier.md.
 */

import { sideOf } from "./hints.mjs";

/** @typedef {{texts: string[], side: number|null}} Seen `side` in pixels, also of a code that could not be read */
/** @typedef {{name: string, decode: (image: ImageData, isPatient?: boolean) => Promise<Seen>}} Decoder */

const WASM = new URL("../vendor/zxing-wasm/reader/zxing_reader.wasm", import.meta.url).href;
const OPTIONS = { formats: ["QRCode"], textMode: "Plain", maxNumberOfSymbols: 4, returnErrors: true };
const EFFORT = { hasty: { timeLimit: 80 }, patient: { timeLimit: 1500, effort: Infinity } };

async function loadZxing() {
  const { prepareZXingModule, readBarcodes } = await import("../vendor/zxing-wasm/es/reader/index.js");
  await prepareZXingModule({ overrides: { locateFile: () => WASM }, fireImmediately: true });
  return {
    name: "zxing-wasm",
    async decode(image, isPatient = false) {
      const found = await readBarcodes(image, { ...OPTIONS, tryDenoise: isPatient });
      const corners = ({ topLeft, topRight, bottomRight, bottomLeft }) => [topLeft, topRight, bottomRight, bottomLeft];
      const sides = found.map(({ position }) => sideOf(corners(position)));
      return {
        texts: found.filter(({ isValid }) => isValid).map(({ text }) => text),
        side: sides.length ? Math.max(...sides) : null,
      };
    },
  };
}

async function loadQr() {
  const { decodeQR } = await import("../vendor/qr/decode.js");
  return {
    name: "qr",
    async decode(image, isPatient = false) {
      try {
        return { texts: [decodeQR(image, EFFORT[isPatient ? "patient" : "hasty"])], side: null };
      } catch {
        return { texts: [], side: null }; // it raises when there is nothing to read
      }
    },
  };
}

let loading;

/** @returns {Promise<Decoder>} the same for everybody on the page; a failed download can be tried again */
export function loadDecoder() {
  const canCompile = typeof WebAssembly === "object" && typeof WebAssembly.instantiate === "function";
  loading ??= (canCompile ? loadZxing().catch(loadQr) : loadQr()).catch((error) => {
    loading = undefined;
    throw error;
  });
  return loading;
}
