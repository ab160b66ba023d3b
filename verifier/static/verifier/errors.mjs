// SPDX-License-Identifier: Apache-2.0
/**
 * The error tree of the verifier, as in Python: Malformed (what they sent), DoesNotHold (well formed and untrue),
 * DidNotArrive (it could not be fetched, or this browser cannot do it: nothing is known).
 */

/** Base of every error that is raised on purpose. `code` is a stable snake_case word, `message` is for people. */
export class VerifierError extends Error {
  /** @param {string} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.name = new.target.name;
    this.code = code;
  }
}

/** The bytes are not a well-formed value of the format. */
export class Malformed extends VerifierError {}

/** The value is well formed, and what it claims is not true. */
export class DoesNotHold extends VerifierError {}

/** The bytes could not be had in time; nothing is known about them. */
export class DidNotArrive extends VerifierError {}
