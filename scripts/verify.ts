/**
 * `npm run verify -- FILE`: checks an evidence file, and names what was altered first. `--key FINGERPRINT` also says whether it
 * is of the gateway that the shop knows: a file is only as good as the key in it. Ends with 0 (whole), 1 (altered) or 2 (not read).
 */
import { createReadStream } from 'node:fs';
import { parseArgs } from 'node:util';
import { keyFingerprint } from '../shared/pairing.ts';
import { verifyEvidence } from './verify-evidence.ts';

const ALTERED = 1;
const NOT_READ = 2;
const PIECE_BYTES = 1 << 20;

const { values, positionals } = parseArgs({ options: { key: { type: 'string' } }, allowPositionals: true });
const [file] = positionals;
if (file === undefined || positionals.length > 1)
  stop(NOT_READ, 'usage: npm run verify -- FILE [--key FINGERPRINT]');

const pieces = createReadStream(file, { highWaterMark: PIECE_BYTES });
const verdict = await verifyEvidence(pieces).catch((error: unknown) =>
  stop(NOT_READ, error instanceof Error ? error.message : String(error)),
);
const { header, fault, events, heads, grants, unsigned, unproved } = verdict;
if (header !== null) {
  const iso = (at: number) => new Date(at).toISOString();
  console.log(`store    ${header.storeName} (${header.storeId})`);
  console.log(`time     ${iso(header.from)} to ${iso(header.to)}, made ${iso(header.madeAt)}`);
  console.log(`gateway  ${header.gatewayId}`);
  const fingerprint = await keyFingerprint(header.key.x);
  console.log(`key      ${fingerprint}`);
  if (values.key !== undefined && values.key !== fingerprint) {
    stop(ALTERED, `not of the gateway with the key ${values.key}: anybody could have made this file`);
  }
}
if (fault !== null) stop(ALTERED, fault);
console.log(
  `events   ${events} in ${header?.chains.length ?? 0} chains, ${heads} signed heads, ${grants} grants`,
);
if (unsigned > 0) console.log(`note     ${unsigned} of the newest events stand after the last signed head`);
if (unproved > 0) console.log(`note     ${unproved} uses of grants that the gateway knows nothing of`);
console.log('whole: nothing is altered, missing, inserted or moved');

function stop(code: number, why: string): never {
  console.error(why);
  process.exit(code);
}
