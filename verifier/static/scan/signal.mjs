// SPDX-License-Identifier: Apache-2.0
/** A short tone and a short shake, so that nobody must look at the screen for each code. Both can be switched off. */

const KEY = "product-passport/scan-sound/v1";
// Two tones for "look at this one", one for "fine": heard apart without colour and without sight.
const TONES = { good: [[1320, 0.09]], other: [[440, 0.14], [330, 0.2]] }; // prettier-ignore
const SHAKES = { good: [60], other: [90, 60, 180] };

let context = null;

export function isSoundOn() {
  try {
    return localStorage.getItem(KEY) !== "off";
  } catch {
    return true;
  }
}

export function setSound(isOn) {
  try {
    localStorage.setItem(KEY, isOn ? "on" : "off");
  } catch {
    // It holds for this visit alone.
  }
}

/** Browsers give sound to a page that was touched, and complain of one that was not: call it from a click. */
export function wakeSound() {
  try {
    context ??= new AudioContext();
    context.resume().catch(() => {});
  } catch {
    context = null;
  }
}

/** @param {"good"|"other"} kind @param {boolean} isOn */
export function signal(kind, isOn) {
  if (!isOn) return;
  if (navigator.userActivation?.hasBeenActive ?? true) navigator.vibrate?.(SHAKES[kind]);
  if (context?.state !== "running") return;
  let at = context.currentTime;
  for (const [frequency, seconds] of TONES[kind]) {
    const tone = new OscillatorNode(context, { frequency });
    const volume = new GainNode(context, { gain: 0.12 });
    volume.gain.setTargetAtTime(0, at + seconds * 0.7, 0.02);
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + seconds);
    at += seconds;
  }
}
