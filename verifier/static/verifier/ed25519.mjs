// SPDX-License-Identifier: Apache-2.0
/**
 * Ed25519 verification over interchangeable back ends that all give the same answer (RFC 8032, cofactorless).
 *
 * What engines differ on is refused above the seam, as in Python: in the key (canonical, on the curve, of prime order)
 * and in the signature (S < L, R canonical and not of small order). What is left has one answer: does SB - kA encode to
 * exactly R. WebCrypto is asked to (its draft says cofactorless) and probed for it; noble checks the cofactored
 * equation 8(R + kA - SB) = 0, and is made equal by asking for an R of prime order too: then, A being of prime order,
 * R + kA - SB lies in the subgroup of odd order L, where 8X = 0 only for X = 0.
 */

import { fromLittleEndian, toHex } from "./bytes.mjs";
import { parseHex } from "./encoding.mjs";
import { DidNotArrive, Malformed } from "./errors.mjs";

const P = 2n ** 255n - 19n; // the field
const L = 2n ** 252n + 27742317777372353535851937790883648493n; // the order of the base point
const D = mod(-121665n * power(121666n, P - 2n));
const SQRT_MINUS_ONE = power(2n, (P - 1n) / 4n);
// The y coordinates of the eight points of small order: order 1, 2, 4 (twice) and 8 (two pairs).
const Y_OF_ORDER_8 = 0x5fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;
const SMALL_ORDER_Y = new Set([1n, P - 1n, 0n, Y_OF_ORDER_8, P - Y_OF_ORDER_8]);

// Points are [X, Y, Z, T] in extended coordinates with T = XY/Z (RFC 8032, 5.1.4).

function mod(value) {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
}

function power(base, exponent) {
  let result = 1n;
  for (let square = base % P; exponent; exponent >>= 1n) {
    if (exponent & 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}

/** Complete on this curve: it also doubles. Coordinates may be negative; only `isIdentity` looks at the result. */
function add([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const e = ((y1 - x1) * (y2 - x2)) % P;
  const f = ((y1 + x1) * (y2 + x2)) % P;
  const g = (((2n * D * t1) % P) * t2) % P;
  const h = (2n * z1 * z2) % P;
  return [((f - e) * (h - g)) % P, ((h + g) * (f + e)) % P, ((h - g) * (h + g)) % P, ((f - e) * (f + e)) % P];
}

function isIdentityTimes(scalar, point) {
  let result = [0n, 1n, 1n, 0n];
  for (let doubled = point; scalar; scalar >>= 1n) {
    if (scalar & 1n) result = add(result, doubled);
    doubled = add(doubled, doubled);
  }
  return result[0] % P === 0n && (result[1] - result[2]) % P === 0n;
}

/** The point that 32 bytes encode (RFC 8032, 5.1.3); Malformed if there is none or it is a second spelling. */
function decode(raw) {
  const number = fromLittleEndian(raw);
  const sign = number >> 255n;
  const y = number & (2n ** 255n - 1n);
  if (y >= P) throw new Malformed("key_not_canonical", "The key's y coordinate is not reduced.");
  const u = mod(y * y - 1n);
  const v = mod(D * y * y + 1n);
  const isRoot = (x) => mod(v * x * x - u) === 0n;
  let x = mod(u * power(v, 3n) * power(mod(u * power(v, 7n)), (P - 5n) / 8n));
  if (!isRoot(x)) x = mod(x * SQRT_MINUS_ONE);
  if (!isRoot(x)) throw new Malformed("key_not_on_curve", "The key is not a point of the curve.");
  if (x === 0n && sign) throw new Malformed("key_not_canonical", "The key writes x = 0 with a sign.");
  if ((x & 1n) !== sign) x = P - x;
  return [x, y, 1n, mod(x * y)];
}

/** @param {Uint8Array} raw Raises Malformed unless it canonically encodes, in 32 bytes, a point of order exactly L. */
export function checkPublicKey(raw) {
  if (raw.length !== 32) throw new Malformed("bad_key_length", "An Ed25519 public key has 32 bytes.");
  const point = decode(raw);
  // Small-order keys verify forged signatures; keys with a small-order part make verifiers disagree.
  if (SMALL_ORDER_Y.has(point[1])) throw new Malformed("key_small_order", "Anybody can sign for this key.");
  if (!isIdentityTimes(L, point)) throw new Malformed("key_mixed_order", "The key is not in the prime-order subgroup.");
}

/** S < L, R reduced and not of small order. The five y cover both signs, so also x = 0 with a sign. */
function isSignatureWellFormed(signature) {
  if (signature.length !== 64 || fromLittleEndian(signature.subarray(32)) >= L) return false;
  const y = fromLittleEndian(signature.subarray(0, 32)) & (2n ** 255n - 1n);
  return y < P && !SMALL_ORDER_Y.has(y);
}

/** @typedef {(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => Promise<boolean>} Verify */

/** @type {Verify} */
async function verifyWithWebCrypto(publicKey, message, signature) {
  const key = await crypto.subtle.importKey("raw", publicKey, { name: "Ed25519" }, false, ["verify"]);
  return crypto.subtle.verify({ name: "Ed25519" }, key, signature, message);
}

/** @type {Verify} */
async function verifyWithNoble(publicKey, message, signature) {
  let noble;
  try {
    noble = await import("../vendor/noble-ed25519.mjs");
  } catch {
    throw new DidNotArrive("no_ed25519", "No Ed25519 here, and the script for it did not arrive.");
  }
  if (!(await noble.verifyAsync(signature, message, publicKey, { zip215: false }))) return false;
  return noble.Point.fromBytes(signature.subarray(0, 32), false).isTorsionFree();
}

// Test 2 of RFC 8032, 7.1; and one that only a cofactored verifier accepts: its R has a part of order 8.
const PROBES = [
  [
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "72",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
      "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    true,
  ],
  [
    "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c",
    "70726f647563742d636f64652f76310a",
    "cdbc161be64c4302f56443ff29ccf36a2075be1a1fa67ff126b56315f5681c38" +
      "059069266d6bc16e3ea4a3428d167a98af3d828a14627ca43be34c75f00c1e08",
    false,
  ],
];

/** Whether this engine answers real vectors as it must. */
async function answersProbes(verify) {
  try {
    for (const [key, message, signature, expected] of PROBES) {
      const parts = [key, message, signature].map((hex) => parseHex(hex, hex.length / 2));
      if ((await verify(...parts)) !== expected) return false;
    }
    return true;
  } catch {
    return false; // WebCrypto throws NotSupportedError for an algorithm that it does not have
  }
}

/** @type {Record<string, Verify>} the preferred one first */
const BACKENDS = { webcrypto: verifyWithWebCrypto, noble: verifyWithNoble };
/** @type {Promise<string>|undefined} */
let current;

/** @returns {Promise<string[]>} names of the back ends that work in this browser, the preferred one first */
export async function availableBackends() {
  const works = await Promise.all(Object.values(BACKENDS).map(answersProbes));
  return Object.keys(BACKENDS).filter((_, at) => works[at]);
}

/** @returns {Promise<string>} the back end in use: WebCrypto if it answers the probes, which are run once */
export function currentBackend() {
  current ??= answersProbes(verifyWithWebCrypto).then((works) => (works ? "webcrypto" : "noble"));
  return current;
}

/** @param {string} name Verify with this back end from now on; RangeError if there is none of the name. */
export function useBackend(name) {
  if (!Object.hasOwn(BACKENDS, name)) throw new RangeError(`no back end is named ${name}`);
  current = Promise.resolve(name);
}

/**
 * Whether the signature verifies with a key that has passed `checkPublicKey`. DidNotArrive if there is no back end.
 * @type {Verify}
 */
export async function isSignatureValid(publicKey, message, signature) {
  return isSignatureWellFormed(signature) && BACKENDS[await currentBackend()](publicKey, message, signature);
}
