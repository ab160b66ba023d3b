// SPDX-License-Identifier: Apache-2.0
/** One function per op of tests/vectors, for any JavaScript engine: see README.md, README-ledger.md, README-statements.md. */

const BASE = new URL("../../verifier/static/verifier/", import.meta.url);
const load = (name) => import(new URL(`${name}.mjs`, BASE).href);

const [bytes, errors, encoding, gs1, uscc, ed25519, keys, code, merkle, note, checkpoint, cosignature, policy, proof] =
  await Promise.all(
    "bytes errors encoding gs1 uscc ed25519 keys product_code merkle note checkpoint cosignature policy proof"
      .split(" ")
      .map(load),
  );
const [tile, fields, statements, snapshots, evidence, { verify }] = await Promise.all(
  "tile fields statements snapshot evidence verify".split(" ").map(load),
);

/** Ops of the issuer's or the ledger's side, or of a GS1 resolver: a phone that checks a code has no use for them. */
export const NOT_IN_THE_BROWSER = {
  badge_token: "read by whoever serves a badge; a shop signs it",
  parse_digital_link: "the resolver's general parser; product_code.mjs reads the one form that a code has",
  make_digital_link: "written by resolvers and issuers",
  to_text: "issuers print links and symbols",
  signing_text: "issuers sign it; a phone makes it from a parsed code, which is_sealed_by covers",
  do_prefixes_overlap: "asked at admission to the registry alone",
  append: "the ledger writes tiles; a phone reads them",
  fold: "auditors replay the ledger; a phone holds the signed snapshot",
  make_snapshot: "the registry makes it and auditors recompute it; a phone parses it",
};

const { toHex, utf8 } = bytes;
const unhex = (text) => encoding.parseHex(text, text.length / 2);
const hexes = (values) => values.map(toHex);
const text = (data) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
const textOrBytes = (input, name) => (`${name}_hex` in input ? unhex(input[`${name}_hex`]) : utf8(input[name]));
const vkeys = (texts) => Promise.all(texts.map(note.parseVkey));
const must = (condition, what) => {
  if (!condition) throw new Error(what);
};

const value = (parse) => (input) => ({ value: parse(input.text) });

function parseCanonicalJson({ hex, max_size: maxSize }) {
  const data = unhex(hex);
  const parsed = encoding.parseCanonicalJson(data, maxSize);
  must(bytes.isEqual(encoding.encodeCanonicalJson(parsed), data), "re-encoding gives other bytes");
  return {};
}

function parseProductCode(input) {
  const parsed = code.parseProductCode(input.text);
  const { version, keyHint, batch, seq, signature } = parsed.seal;
  return {
    version,
    gtin: parsed.gtin,
    serial: parsed.serial,
    key_hint: keyHint,
    batch,
    seq,
    signature: toHex(signature),
    identity: parsed.identity,
    seal: encoding.encodeBase32(code.sealToBytes(parsed.seal)),
    path: parsed.toPath(),
    item_leaf: toHex(parsed.itemLeaf),
  };
}

const IDENTITY = {
  decode_base64(input) {
    const data = encoding.decodeBase64(input.text);
    must(encoding.encodeBase64(data) === input.text, "re-encoding gives another text");
    return { hex: toHex(data) };
  },
  decode_base32(input) {
    const data = encoding.decodeBase32(input.text);
    must(encoding.encodeBase32(data) === input.text, "re-encoding gives another text");
    return { hex: toHex(data) };
  },
  parse_hex: (input) => ({ hex: toHex(encoding.parseHex(input.text, input.size)) }),
  parse_decimal: ({ text: digits, maximum }) => ({
    value: String(encoding.parseDecimal(digits, maximum === undefined ? undefined : BigInt(maximum))),
  }),
  parse_crockford: (input) => ({ value: String(encoding.parseCrockford(input.text)) }),
  parse_canonical_json: parseCanonicalJson,
  parse_gtin14: value(gs1.parseGtin14),
  gtin14_from: value(gs1.gtin14From),
  parse_serial: value(gs1.parseSerial),
  parse_lot: value(gs1.parseLot),
  parse_company_prefix: value(gs1.parseCompanyPrefix),
  parse_uscc: value(uscc.parseUscc),
  is_gtin_under_prefix: ({ gtin, prefix }) => ({ value: gs1.isGtinUnderPrefix(gtin, prefix) }),
  async parse_public_key(input) {
    const key = await keys.parsePublicKey(unhex(input.public_key));
    return { key_id: key.keyId, hint: key.hint };
  },
  async is_signature_valid({ public_key: key, message, signature }) {
    const known = await keys.parsePublicKey(unhex(key));
    return { valid: await keys.isSignatureValid(known, unhex(message), unhex(signature)) };
  },
  parse_product_code: parseProductCode,
  async is_sealed_by(input) {
    const parsed = code.parseProductCode(input.text);
    return { valid: await parsed.isSealedBy(await keys.parsePublicKey(unhex(input.public_key))) };
  },
  make_serial: ({ batch, seq }) => ({ serial: code.makeSerial(batch, seq) }),
};

/** A tree over whole entries, computed by its definition. */
async function treeOver(entries) {
  const leaves = await Promise.all(entries.map((entry) => merkle.leafHash(unhex(entry))));
  return {
    size: BigInt(leaves.length),
    subtree: (lo, hi) => merkle.rootFromLeafHashes(leaves.slice(Number(lo), Number(hi))),
  };
}

const describeCheckpoint = ({ origin, size, rootHash, witnessedAt }) => ({
  origin,
  size: String(size),
  root_hash: toHex(rootHash),
  witnessed_at: witnessedAt.map(([name, timestamp]) => [name, String(timestamp)]),
});

const LEDGER = {
  leaf_hash: async ({ data }) => ({ hash: toHex(await merkle.leafHash(unhex(data))) }),
  async root({ entries }) {
    const { subtree, size } = await treeOver(entries);
    return { root_hash: toHex(await subtree(0n, size)) };
  },
  async inclusion_proof({ entries, index }) {
    const { subtree, size } = await treeOver(entries);
    return { proof: hexes(await tile.inclusionProof(BigInt(index), size, subtree)) };
  },
  async consistency_proof({ entries, old_size: oldSize }) {
    const { subtree, size } = await treeOver(entries);
    return { proof: hexes(await tile.consistencyProof(BigInt(oldSize), size, subtree)) };
  },
  async verify_inclusion(given) {
    await merkle.verifyInclusion({
      leafHash: unhex(given.leaf_hash),
      index: BigInt(given.index),
      size: BigInt(given.size),
      proof: given.proof.map(unhex),
      rootHash: unhex(given.root_hash),
    });
    return {};
  },
  async verify_consistency(given) {
    await merkle.verifyConsistency({
      oldSize: BigInt(given.old_size),
      oldRoot: unhex(given.old_root),
      newSize: BigInt(given.new_size),
      newRoot: unhex(given.new_root),
      proof: given.proof.map(unhex),
    });
    return {};
  },
  parse_tile_path({ path }) {
    const { kind, level, index, width } = tile.parseTilePath(path);
    const place = { kind, index: String(index), width: String(width) };
    return kind === "tile" ? { ...place, level: String(level) } : place;
  },
  parse_tile: ({ data, width }) => ({ hashes: hexes(tile.parseTile(unhex(data), Number(width))) }),
  parse_entry_bundle: ({ data, width }) => ({ entries: hexes(tile.parseEntryBundle(unhex(data), Number(width))) }),
  tiles_for_size: ({ size }) => ({ paths: tile.tilesForSize(BigInt(size)).map(({ path }) => path) }),
  async read_tree({ size, root_hash: root, tiles, index, old_size: oldSize }) {
    const tree = new tile.TileTree(BigInt(size), async ({ path }) => unhex(tiles[path]), unhex(root));
    return {
      inclusion_proof: hexes(await tree.inclusionProof(BigInt(index))),
      consistency_proof: hexes(await tree.consistencyProof(BigInt(oldSize))),
      root_hash: toHex(await tree.rootHash()),
    };
  },
  async parse_vkey({ vkey }) {
    const { name, keyId, algorithm, publicKey } = await note.parseVkey(vkey);
    const id = keyId.toString(16).padStart(8, "0");
    return { name, key_id: id, algorithm: String(algorithm), public_key: toHex(publicKey.raw) };
  },
  parse_note(input) {
    const parsed = note.parseNote(textOrBytes(input, "note"));
    const signatures = parsed.signatures.map(({ name, keyId, signature }) => ({
      name,
      key_id: keyId.toString(16).padStart(8, "0"),
      signature: toHex(signature),
    }));
    return { text: parsed.text, signatures };
  },
  async verify_note(input) {
    const known = await vkeys(input.vkeys);
    const signers = await note.verifyNote(note.parseNote(textOrBytes(input, "note")), known);
    return { signers: signers.map((vkey) => vkey.text) };
  },
  parse_checkpoint(input) {
    const parsed = checkpoint.parseCheckpoint(input.text);
    const { origin, size, rootHash, extensions } = parsed;
    return { origin, size: String(size), root_hash: toHex(rootHash), extensions };
  },
  cosigned_text: (input) => ({ message: toHex(cosignature.cosignedText(input.text, BigInt(input.timestamp))) }),
  parse_cosignature(input) {
    const { timestamp, signature } = cosignature.parseCosignature(unhex(input.signature));
    return { timestamp: String(timestamp), signature: toHex(signature) };
  },
  async verify_cosignature(input) {
    const vkey = await note.parseVkey(input.vkey);
    return { timestamp: String(await cosignature.verifyCosignature(note.parseNote(utf8(input.note)), vkey)) };
  },
  parse_tlog_proof(input) {
    const data = textOrBytes(input, "proof");
    const { index, hashes, extra, checkpoint: signed } = proof.parseTlogProof(data);
    return { index: String(index), hashes: hexes(hashes), extra: extra && toHex(extra), checkpoint: text(signed) };
  },
  async verify_tlog_proof(input) {
    const trusted = await policy.parsePolicy(utf8(input.policy));
    const parsed = proof.parseTlogProof(utf8(input.proof));
    return describeCheckpoint(await proof.verifyTlogProof(parsed, unhex(input.leaf_hash), trusted));
  },
  async parse_policy(input) {
    const canonical = (await policy.parsePolicy(textOrBytes(input, "policy"))).toBytes();
    must(bytes.isEqual((await policy.parsePolicy(canonical)).toBytes(), canonical), "the canonical form is not stable");
    return "policy_hex" in input ? { canonical_hex: toHex(canonical) } : { canonical: text(canonical) };
  },
  async verify_checkpoint(input) {
    const trusted = await policy.parsePolicy(utf8(input.policy));
    return describeCheckpoint(await policy.verifyCheckpoint(utf8(input.note), trusted));
  },
};

const readSnapshot = async (input) =>
  snapshots.parseSnapshot(utf8(input.note ?? input.snapshot), await note.parseVkey(input.status_vkey));

const recallIds = (records) => records.map(({ recallId }) => recallId);

/** The verdict of one case. */
export async function giveVerdict(input) {
  const { proof: document, fault, seen } = input;
  const ledger = {
    async findEvidence(_, issuerId) {
      if (fault !== undefined) throw new errors.DidNotArrive(fault, "it did not arrive");
      if (document === null) return null;
      const found = evidence.parseProofDocument(utf8(document));
      if (found.issuerId !== issuerId) throw new errors.DoesNotHold("another_code", "another issuer's item");
      return found.evidence;
    },
  };
  return verify(input.code, {
    trust: {
      policy: await policy.parsePolicy(utf8(input.policy)),
      snapshot: input.snapshot === null ? null : await readSnapshot(input),
    },
    ledger,
    now: fields.parseInstant(input.now),
    seen: seen && { origin: seen.origin, size: BigInt(seen.size), rootHash: unhex(seen.root_hash) },
    suspicion: input.suspicion,
  });
}

async function verifyCase(input) {
  const verdict = await giveVerdict(input);
  const { status, reason, steps } = verdict.toJson();
  must(steps.every(({ number }, at) => number === at) && steps.length === 11, "the steps are 0 to 10");
  return { status, reason, steps: steps.map(({ outcome }) => outcome), recalls: recallIds(verdict.recalls) };
}

const STATEMENTS = {
  async parse_entry({ entry }) {
    const { statement, keyId } = await statements.parseEntry(utf8(entry));
    const signed = text(statements.signedBytes(statement));
    return { type: statement.type, issuer: statement.header.issuer, key_id: keyId, signed_bytes: signed };
  },
  async parse_snapshot(input) {
    const snapshot = await readSnapshot(input);
    return {
      as_of: fields.formatInstant(snapshot.asOfAt),
      issuers: snapshot.issuers.map(({ id }) => id),
      next_update: fields.formatInstant(snapshot.nextUpdateAt),
      origin: snapshot.origin,
      recalls: recallIds(snapshot.recalls.map(({ record }) => record)),
      root_hash: encoding.encodeBase64(snapshot.rootHash),
      shard: snapshot.shard,
      size: Number(snapshot.size),
    };
  },
  async look_up(input) {
    const snapshot = await readSnapshot(input);
    const place = [input.issuer, input.batch, input.seq];
    return { recalls: recallIds(snapshot.recallsOf(...place)), is_void: snapshot.isVoid(...place) };
  },
  parse_proof_document(input) {
    const { issuerId, evidence: found } = evidence.parseProofDocument(utf8(input.text));
    return {
      issuer: issuerId,
      entry: text(found.batch.entry),
      index: Number(found.batch.index),
      hashes: hexes(found.batch.proof),
      checkpoint: text(found.checkpoint),
      item_hash: toHex(found.item.itemHash),
      item_path: hexes(found.item.hashes),
      snapshot_link: hexes(found.snapshotLink),
    };
  },
  async verify_item_tile({ index, data, count, item_root: root }) {
    await evidence.verifyItemTile(evidence.parseItemTile(index, unhex(data)), { count, itemRoot: unhex(root) });
    return {};
  },
  verify: verifyCase,
};

export const OPS = { ...IDENTITY, ...LEDGER, ...STATEMENTS };

/** JSON with sorted names, to compare two values. */
const sorted = (given) =>
  JSON.stringify(given, (_, item) =>
    item && typeof item === "object" && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );

/** null if the case does as it says, else a sentence. */
async function runCase(given) {
  try {
    const result = await OPS[given.op](given.input);
    if (!given.ok) return `was accepted, must be refused with ${given.error}`;
    return sorted(result) === sorted(given.expect) ? null : `gives ${sorted(result)}, not ${sorted(given.expect)}`;
  } catch (error) {
    if (!(error instanceof errors.VerifierError)) return `crashed: ${error.stack}`;
    if (given.ok) return `was refused with ${error.code}: ${error.message}`;
    return error.code === given.error ? null : `was refused with ${error.code}, not ${given.error}`;
  }
}

/**
 * Runs every case of every file with every Ed25519 back end of this engine.
 * @param {Record<string, {cases: object[]}>} files by name
 * @param {boolean} areAll whether each op must occur in them
 * @returns {Promise<{backends: string[], ran: Record<string, number>, notInTheBrowser: number, failures: string[]}>}
 */
export async function runVectors(files, areAll = true) {
  const report = { backends: await ed25519.availableBackends(), ran: {}, notInTheBrowser: 0, failures: [] };
  if (!report.backends.includes("noble")) report.failures.push("the vendored Ed25519 does not answer its probes");
  const seen = new Set();
  for (const backend of report.backends) {
    ed25519.useBackend(backend);
    report.ran[backend] = 0;
    for (const [file, { cases }] of Object.entries(files)) {
      for (const given of cases) {
        seen.add(given.op);
        if (Object.hasOwn(NOT_IN_THE_BROWSER, given.op)) {
          if (backend === report.backends[0]) report.notInTheBrowser += 1;
          continue;
        }
        const known = Object.hasOwn(OPS, given.op);
        const failure = known ? await runCase(given) : `has the op ${given.op}, which this runner does not know`;
        report.ran[backend] += 1;
        if (failure) report.failures.push(`${backend} ${file} ${given.name} ${failure}`);
      }
    }
  }
  for (const op of [...Object.keys(OPS), ...Object.keys(NOT_IN_THE_BROWSER)]) {
    if (areAll && !seen.has(op)) report.failures.push(`the op ${op} occurs in no file`);
  }
  return report;
}
