// SPDX-License-Identifier: Apache-2.0
/** What a person can do better, from what the camera sees. Pure: numbers in, the key of a sentence out. */

export const DARK = 55; // mean luminance, 0 to 255
export const GLARING = 225;
export const SMALL = 0.22; // side of the code to the shorter side of the picture; below it a module is too few pixels
export const LARGE = 0.95;
export const QUIET_SECONDS = 2.5; // at first: people need a moment to aim
export const LONG_SECONDS = 15;

/** @param {{data: Uint8ClampedArray}} image RGBA @returns {number} mean luminance of about 4,000 of its pixels */
export function luminanceOf({ data }) {
  const step = Math.max(1, Math.floor(data.length / 4 / 4096)) * 4;
  let sum = 0;
  let count = 0;
  for (let at = 0; at + 2 < data.length; at += step) {
    sum += 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2];
    count += 1;
  }
  return count ? sum / count : 0;
}

/** @param {{x: number, y: number}[]} corners in order @returns {number} mean length of the four sides */
export function sideOf(corners) {
  const lengths = corners.map(({ x, y }, at) => {
    const next = corners[(at + 1) % corners.length];
    return Math.hypot(next.x - x, next.y - y);
  });
  return lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
}

/**
 * @param {{luminance: number, seconds: number, codeShare: number|null, hasTorch: boolean, isTorchOn: boolean}} seen
 * `seconds` without a reading; `codeShare`: side of a code that is seen and cannot be read, to that of the picture
 * @returns {string} a key of the page's words; "" when there is nothing to say yet
 */
export function chooseHint({ luminance, seconds, codeShare, hasTorch, isTorchOn }) {
  if (seconds < QUIET_SECONDS) return "";
  if (luminance < DARK) return hasTorch && !isTorchOn ? "hint.torch" : "hint.dark";
  if (codeShare !== null && codeShare < SMALL) return "hint.closer";
  if (codeShare !== null && codeShare > LARGE) return "hint.farther";
  if (luminance > GLARING) return "hint.glare";
  if (codeShare !== null) return "hint.still";
  return seconds > LONG_SECONDS ? "hint.other_way" : "hint.aim";
}
