/**
 * Checks an evidence file without a database, a gateway or the network: every hash and link, the heads that the gateway signed,
 * the grants, and that nothing is missing at the end. The format is in shared/audit/proofs.ts.
 */
import { createHash, createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import type { EvidenceHeader } from '../shared/audit/proofs.ts';

export interface Verdict {
  readonly ok: boolean;
  /** What is wrong first, in a sentence that names the event or the line; null: nothing. */
  readonly fault: string | null;
  readonly header: EvidenceHeader | null;
  readonly events: number;
  readonly heads: number;
  readonly grants: number;
  /** Events after the last signed head of their chain: they are linked, and nobody signed for them yet. */
  readonly unsigned: number;
  /** Uses of grants whose grant is not in the file: the gateway did not give it. */
  readonly unproved: number;
}

/** How an entry's line begins, and how it ends: what stands between is hashed as it lies, and not read. */
const ENTRY_START = /^\{"chain":(0|[1-9]\d{0,5}),"hash":"([0-9a-f]{64})","entry":/;
const ENTRY_END = /,"kind":"([a-z_.]+)","prev":"([0-9a-f]{64})","seq":(\d{1,16})\}\}$/;
const START_CHARS_MAX = 110;
/** A kind is short. */
const END_CHARS_MAX = 240;
const LINE_FEED = 10;
const USES = new Set(['grant.used', 'shift.used']);
const WORDS = {
  head: ['saksi-head+jwt', 'saksi-chain-head+jwt'],
  grant: ['saksi-grant+jwt'],
  end: ['saksi-evidence+jwt'],
};

class Fault extends Error {}

const HASH = /^[0-9a-f]{64}$/;

interface Chain {
  readonly name: string;
  readonly last: { readonly seq: number; readonly hash: string };
  seq: number;
  hash: string;
  /** What the gateway signed: hash by place. */
  readonly heads: Map<number, string>;
}

/** Whatever the header says: nobody has looked at it before. */
function isPlace(place: unknown): place is Chain['last'] {
  const { seq, hash: of } = (place ?? {}) as Partial<Chain['last']>;
  return Number.isSafeInteger(seq) && typeof of === 'string' && HASH.test(of);
}

/** @param pieces of the file, of any length */
export async function verifyEvidence(
  pieces: AsyncIterable<string | Buffer> | Iterable<string | Buffer>,
): Promise<Verdict> {
  const reader = createReader();
  let fault: string | null = null;
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const piece of pieces) {
      const bytes = Buffer.concat([rest, typeof piece === 'string' ? Buffer.from(piece) : piece]);
      let from = 0;
      for (let to = bytes.indexOf(LINE_FEED); to >= 0; to = bytes.indexOf(LINE_FEED, from)) {
        reader.take(bytes.subarray(from, to));
        from = to + 1;
      }
      rest = bytes.subarray(from);
    }
    if (rest.length > 0) reader.take(rest);
    reader.end(rest.length === 0);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    fault = error.message;
  }
  return { ok: fault === null, fault, ...reader.found() };
}

function createReader() {
  const digest = createHash('sha256');
  const chains: Chain[] = [];
  const uses: { jti: string; till: string; event: string }[] = [];
  const grants = new Map<string, Claims>();
  let header: EvidenceHeader | null = null;
  let key: KeyObject | null = null;
  let current = 0;
  let lines = 0;
  let events = 0;
  let heads = 0;
  let ended = false;

  function take(bytes: Buffer): void {
    lines += 1;
    if (ended) throw new Fault(`line ${lines}: something follows the end`);
    const start = bytes.toString('latin1', 0, START_CHARS_MAX);
    if (header !== null && start.startsWith('{"chain":')) {
      takeEntry(bytes, start);
      return;
    }
    const line = bytes.toString();
    if (header === null) begin(line);
    else takeWord(line, header);
    if (!ended) digest.update(bytes).update('\n');
  }

  function begin(line: string): void {
    const parsed = parse(line, lines) as Partial<EvidenceHeader>;
    if (parsed.saksiEvidence !== 1 || !Array.isArray(parsed.chains)) {
      throw new Fault('line 1: this is no evidence file that this program can read');
    }
    header = parsed as EvidenceHeader;
    try {
      key = createPublicKey({ key: header.key, format: 'jwk' });
      for (const { chain, before, last } of header.chains) {
        if (typeof chain !== 'string' || !isPlace(before) || !isPlace(last)) throw new TypeError('no chain');
        chains.push({ name: chain, last, seq: before.seq, hash: before.hash, heads: new Map() });
      }
    } catch {
      throw new Fault('line 1: the header was altered');
    }
  }

  function takeEntry(line: Buffer, start: string): void {
    const [before, index, given] = ENTRY_START.exec(start) ?? [];
    const [, kind, prev, number] = ENTRY_END.exec(line.toString('latin1', line.length - END_CHARS_MAX)) ?? [];
    if (before === undefined || index === undefined || given === undefined || kind === undefined) {
      throw new Fault(`line ${lines}: ${nextEvent(chains[current])} was altered: it cannot be read`);
    }
    while (current < Number(index)) finish(chains[current++]);
    const chain = chains[current];
    if (chain === undefined || Number(index) !== current) {
      throw new Fault(`line ${lines}: an event of another place was inserted or moved here`);
    }
    const seq = Number(number);
    if (seq !== chain.seq + 1) {
      // A later one in its place: it is gone or stands elsewhere. An earlier one: it stands here a second time, or was moved here.
      throw new Fault(
        seq > chain.seq + 1
          ? `line ${lines}: ${nextEvent(chain)} is missing or was moved`
          : `line ${lines}: event ${seq} of ${chain.name} was inserted or moved here`,
      );
    }
    const text = line.subarray(before.length, -1);
    const real = hash('sha256', text);
    if (real !== given || prev !== chain.hash) {
      throw new Fault(`line ${lines}: event ${seq} of ${chain.name} was altered`);
    }
    chain.seq = seq;
    chain.hash = real;
    if ((chain.heads.get(seq) ?? real) !== real) {
      throw new Fault(`line ${lines}: event ${seq} of ${chain.name} is not the one that the gateway signed`);
    }
    events += 1;
    if (USES.has(kind)) noteUse(text, chain);
  }

  function noteUse(text: Buffer, { name, seq }: Chain): void {
    const { body } = JSON.parse(text.toString()) as { body: { jti?: unknown } };
    const till = name.split('/')[1] ?? '';
    if (typeof body.jti === 'string') uses.push({ jti: body.jti, till, event: `event ${seq} of ${name}` });
  }

  /** All that the header says is there of a chain was there. */
  function finish(chain: Chain | undefined): void {
    if (chain === undefined) return;
    if (chain.seq !== chain.last.seq) throw new Fault(`${nextEvent(chain)} is missing: the end was cut off`);
    if (chain.hash !== chain.last.hash)
      throw new Fault(`event ${chain.seq} of ${chain.name} is not the one that was exported`);
  }

  function takeWord(line: string, { gatewayId }: EvidenceHeader): void {
    const { chain, ...word } = parse(line, lines) as { chain?: unknown };
    const [[name, jws] = [], ...rest] = Object.entries(word);
    if (
      rest.length > 0 ||
      typeof jws !== 'string' ||
      (name !== 'head' && name !== 'grant' && name !== 'end')
    ) {
      throw new Fault(`line ${lines}: it is nothing that belongs into an evidence file`);
    }
    const claims = readJws(jws, WORDS[name]);
    if (claims === null || claims.iss !== gatewayId) {
      throw new Fault(`line ${lines}: this ${name} is not signed by the gateway`);
    }
    if (name === 'head') {
      takeHead(claims, chains[Number(chain)]);
      return;
    }
    while (current < chains.length) finish(chains[current++]);
    if (name === 'grant') grants.set(claims.jti ?? '', claims);
    else takeEnd(claims);
  }

  /** They stand before the entries, so that each entry is compared as it comes. */
  function takeHead(
    { chain: name, aud, seq = 0, hash: signed = '' }: Claims,
    chain: Chain | undefined,
  ): void {
    heads += 1;
    const isOfIt = chain?.name === name || chain?.name.startsWith(`till/${aud}/`);
    if (chain === undefined || !isOfIt || events > 0 || seq <= chain.seq || seq > chain.last.seq) {
      throw new Fault(`line ${lines}: this head belongs elsewhere`);
    }
    chain.heads.set(seq, signed);
  }

  function takeEnd(claims: Claims): void {
    ended = true;
    if (claims.lines !== lines - 1)
      throw new Fault(
        `a line is missing or was inserted: ${claims.lines} were exported, ${lines - 1} are here`,
      );
    if (claims.sha256 !== digest.digest('hex'))
      throw new Fault('the header, a head or a grant was altered, replaced or moved');
  }

  function readJws(jws: string, types: readonly string[]): Claims | null {
    const [head, payload, signature, ...rest] = jws.split('.');
    if (
      head === undefined ||
      payload === undefined ||
      signature === undefined ||
      rest.length > 0 ||
      key === null
    )
      return null;
    // The bits that fill up the last letter mean nothing, and could be others.
    if (
      [head, payload, signature].some((part) => Buffer.from(part, 'base64url').toString('base64url') !== part)
    )
      return null;
    try {
      const { alg, typ } = JSON.parse(Buffer.from(head, 'base64url').toString());
      if (alg !== 'EdDSA' || !types.includes(typ)) return null;
      const isGood = verify(
        null,
        Buffer.from(`${head}.${payload}`),
        key,
        Buffer.from(signature, 'base64url'),
      );
      return isGood ? JSON.parse(Buffer.from(payload, 'base64url').toString()) : null;
    } catch {
      return null;
    }
  }

  function end(isWholeLine: boolean): void {
    if (header === null) throw new Fault('the file is empty');
    if (ended && isWholeLine) return;
    while (current < chains.length) finish(chains[current++]);
    throw new Fault(`the file is cut off after line ${lines}`);
  }

  function found(): Omit<Verdict, 'ok' | 'fault'> {
    const isProved = ({ jti, till }: (typeof uses)[number]) => grants.get(jti)?.aud === till;
    return {
      header,
      ...{ events, heads, grants: grants.size },
      unsigned: chains.reduce((sum, chain) => sum + unsignedOf(chain), 0),
      unproved: uses.filter((use) => !isProved(use)).length,
    };
  }

  return { take, end, found };
}

interface Claims {
  readonly iss: string;
  readonly aud?: string;
  readonly jti?: string;
  readonly chain?: string;
  readonly seq?: number;
  readonly hash?: string;
  readonly lines?: number;
  readonly sha256?: string;
}

const unsignedOf = ({ seq, heads }: Chain) => Math.max(0, seq - Math.max(0, ...heads.keys()));

const nextEvent = (chain: Chain | undefined) =>
  chain === undefined ? 'an event' : `event ${chain.seq + 1} of ${chain.name}`;

function parse(line: string, number: number): object {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Named below.
  }
  throw new Fault(`line ${number}: it was altered: it cannot be read`);
}
