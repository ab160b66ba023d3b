// SPDX-License-Identifier: Apache-2.0
/** Looks at the camera's pictures one after the other: the centre and the whole frame in turn, ten times a second. */

import { luminanceOf } from "./hints.mjs";

const PAUSE_MS = 100; // from one look to the next
const MAX_CENTRE = 800; // pixels; more makes a slow telephone slower and reads no more
const MAX_WHOLE = 1280;

/** The centre first: that is where the frame on the screen asks for the code. */
export function chooseCrop(width, height, turn) {
  const side = Math.round(Math.min(width, height) * 0.85);
  const [w, h, limit] = turn % 2 === 0 ? [side, side, MAX_CENTRE] : [width, height, MAX_WHOLE];
  const scale = Math.min(1, limit / Math.max(w, h));
  const [x, y] = [(width - w) / 2, (height - h) / 2].map(Math.floor);
  return { x, y, w, h, toWidth: Math.round(w * scale), toHeight: Math.round(h * scale) };
}

export class Film {
  #canvas = document.createElement("canvas");
  #context = this.#canvas.getContext("2d", { willReadFrequently: true });
  #turn = 0;
  #isRunning = false;
  #heldUntil = 0;
  #last = 0;

  /** @param {HTMLVideoElement} video @param {(seen: object) => void|Promise<void>} onSeen */
  constructor(video, decoder, onSeen) {
    Object.assign(this, { video, decoder, onSeen });
  }

  run() {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#next();
  }

  /** Looks away for so long; 0 ends it, Infinity waits for that. */
  hold(milliseconds) {
    this.#heldUntil = milliseconds ? performance.now() + milliseconds : 0;
  }

  get isHeld() {
    return performance.now() < this.#heldUntil;
  }

  stop() {
    this.#isRunning = false;
  }

  #next() {
    if (!this.#isRunning) return;
    const look = () => this.#look().finally(() => this.#next());
    if (this.video.requestVideoFrameCallback) this.video.requestVideoFrameCallback(look);
    else requestAnimationFrame(look);
  }

  async #look() {
    const { videoWidth, videoHeight } = this.video;
    const now = performance.now();
    if (this.isHeld || now - this.#last < PAUSE_MS || !videoWidth || document.hidden) return;
    this.#last = now;
    const crop = chooseCrop(videoWidth, videoHeight, this.#turn);
    this.#turn += 1;
    const { x, y, w, h, toWidth, toHeight } = crop;
    if (this.#canvas.width !== toWidth || this.#canvas.height !== toHeight) {
      Object.assign(this.#canvas, { width: toWidth, height: toHeight });
    }
    this.#context.drawImage(this.video, x, y, w, h, 0, 0, toWidth, toHeight);
    const image = this.#context.getImageData(0, 0, toWidth, toHeight);
    const { texts, side } = await this.decoder.decode(image);
    if (!this.#isRunning || this.isHeld) return;
    const scale = w / toWidth;
    const codeShare = side === null ? null : (side * scale) / Math.min(videoWidth, videoHeight);
    await this.onSeen({ texts, codeShare, luminance: luminanceOf(image) });
  }
}
