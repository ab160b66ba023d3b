// SPDX-License-Identifier: Apache-2.0
/** The Unicode spelling of an internationalised host name, to be shown beside the one that is asked. RFC 3492. */

const [BASE, T_MIN, T_MAX, SKEW, DAMP, INITIAL_BIAS, INITIAL_N] = [36, 1, 26, 38, 700, 72, 128];
const PREFIX = "xn--";

function adapt(delta, count, isFirst) {
  let rest = Math.floor(isFirst ? delta / DAMP : delta / 2);
  rest += Math.floor(rest / count);
  let k = 0;
  for (; rest > ((BASE - T_MIN) * T_MAX) >> 1; k += BASE) rest = Math.floor(rest / (BASE - T_MIN));
  return k + Math.floor(((BASE - T_MIN + 1) * rest) / (rest + SKEW));
}

const digitOf = (character) => "abcdefghijklmnopqrstuvwxyz0123456789".indexOf(character);

/** @param {string} label without its xn-- @returns {string|null} null if it is not punycode */
export function decodeLabel(label) {
  const at = label.lastIndexOf("-");
  const output = at > 0 ? [...label.slice(0, at)].map((c) => c.codePointAt(0)) : [];
  let [n, i, bias] = [INITIAL_N, 0, INITIAL_BIAS];
  for (let place = at > 0 ? at + 1 : 0; place < label.length; i += 1) {
    const before = i;
    for (let weight = 1, k = BASE; ; k += BASE) {
      const digit = place < label.length ? digitOf(label[place]) : -1;
      place += 1;
      if (digit < 0) return null;
      i += digit * weight;
      const threshold = Math.min(Math.max(k - bias, T_MIN), T_MAX);
      if (digit < threshold) break;
      weight *= BASE - threshold;
      if (i > 0x7fffffff || weight > 0x7fffffff) return null;
    }
    bias = adapt(i - before, output.length + 1, before === 0);
    n += Math.floor(i / (output.length + 1));
    i %= output.length + 1;
    if (n > 0x10ffff || (n >= 0xd800 && n <= 0xdfff)) return null;
    output.splice(i, 0, n);
  }
  return String.fromCodePoint(...output);
}

/** @param {string} host @returns {string} with every xn-- label in Unicode; "" if there is none to show */
export function toUnicodeHost(host) {
  const [name, port] = host.split(":");
  const labels = name.split(".");
  if (!labels.some((label) => label.startsWith(PREFIX))) return "";
  const shown = labels.map((label) => (label.startsWith(PREFIX) ? decodeLabel(label.slice(PREFIX.length)) : label));
  return shown.includes(null) ? "" : shown.join(".") + (port ? `:${port}` : "");
}
