// SPDX-License-Identifier: Apache-2.0
/** The phone's block of the check page: its parts, words and simple states. Old syntax only. */

export const block = document.getElementById("phone");
export const part = (name) => block.querySelector(`[data-part="${name}"]`);

/** Every word comes with the page, in its language; "" if there is none. `{name}` in it is replaced by a value. */
export function word(key, values = {}) {
  const found = part("words").content.querySelector(`[data-word="${key}"]`);
  return found ? found.textContent.replace(/\{(\w+)\}/g, (_, name) => values[name]) : "";
}

/** An empty text hides the part. */
export function fill(name, text) {
  part(name).textContent = text;
  part(name).hidden = !text;
}

export function headline({ title, sentence, icon, colour }) {
  part("band").className = `found tone-${colour || "plain"}`;
  part("icon").setAttribute("href", `#icon-${icon}`);
  fill("title", title);
  fill("sentence", sentence);
}

/** A state that is no result: busy, failed. */
export function say(state, note = "note") {
  block.dataset.state = state;
  headline({ title: word(state), sentence: word(`${state}.${note}`), icon: state === "busy" ? "wait" : "unknown" });
}

/** The phone could not check. The server's answer stays as it is, and unconfirmed. */
export function fail(error) {
  const code = (error && error.code) || "unexpected";
  say("failed", error instanceof SyntaxError || /^no_(webcrypto|ed25519)$/.test(code) ? "browser" : "note");
  block.dataset.reason = code;
}
