// SPDX-License-Identifier: Apache-2.0
/** The camera: asked for once in a visit, kept while the page is hidden (without pictures), let go when it is left. */

/** `code` is a word of the page: refused, none, busy, insecure, unsupported, broken. */
export class CameraError extends Error {
  constructor(code, cause) {
    super(code, { cause });
    this.code = code;
  }
}

const CODES = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotFoundError: "none",
  OverconstrainedError: "none",
  NotReadableError: "busy",
  AbortError: "busy",
};
const WANTED = {
  audio: false,
  video: { facingMode: { ideal: "environment" }, width: { ideal: 1920 }, height: { ideal: 1080 } },
};

export class Camera {
  #asked = null;
  #track = null;

  /** @param {HTMLVideoElement} video @param {() => void} onEnd when the system takes the camera away */
  constructor(video, onEnd) {
    Object.assign(this, { video, onEnd, isTorchOn: false });
  }

  /** However often it is called, people are asked once. */
  start() {
    this.#asked ??= this.#open();
    return this.#asked;
  }

  async #open() {
    if (!navigator.mediaDevices?.getUserMedia) throw new CameraError(isSecureContext ? "unsupported" : "insecure");
    try {
      const stream = await navigator.mediaDevices.getUserMedia(WANTED);
      [this.#track] = stream.getVideoTracks();
      this.#track.addEventListener("ended", () => this.onEnd());
      this.#track.enabled = !document.hidden;
      this.video.srcObject = stream;
      await this.video.play();
    } catch (error) {
      throw new CameraError(CODES[error.name] ?? "broken", error);
    }
    await this.#focus();
  }

  async #focus() {
    if (!this.capabilities.focusMode?.includes("continuous")) return;
    await this.#apply({ focusMode: "continuous" });
  }

  /** What this camera offers; {} where the browser does not say. */
  get capabilities() {
    return this.#track?.getCapabilities?.() ?? {};
  }

  get hasTorch() {
    return Boolean(this.capabilities.torch);
  }

  /** {min, max, step}, or null where there is nothing to choose. */
  get zoomRange() {
    const { zoom } = this.capabilities;
    return zoom && zoom.max > zoom.min ? { step: 0.1, ...zoom } : null;
  }

  /** What it is set to now, if the camera says so. */
  get zoom() {
    return this.#track.getSettings().zoom;
  }

  async #apply(constraint) {
    try {
      await this.#track.applyConstraints({ advanced: [constraint] });
      return true;
    } catch {
      return false; // offered, and refused after all: the picture is as good as before
    }
  }

  async setTorch(isOn) {
    if (await this.#apply({ torch: isOn })) this.isTorchOn = isOn;
    return this.isTorchOn;
  }

  setZoom(zoom) {
    return this.#apply({ zoom });
  }

  /** A hidden page sees nothing, and keeps its permission. */
  pause() {
    if (this.#track) this.#track.enabled = false;
  }

  async resume() {
    if (!this.#track) return;
    this.#track.enabled = true;
    await this.video.play().catch(() => {});
  }

  stop() {
    this.#track?.stop();
  }
}
