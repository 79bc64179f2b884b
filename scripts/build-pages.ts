/** Before `npm run cloud`: the gateway's own pages, where they are older than their sources. */
import { buildIfStale } from './build-if-stale.ts';

await buildIfStale('pages', (text) => process.stderr.write(`saksi: ${text}\n`));
