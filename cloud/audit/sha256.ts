import { hash } from 'node:crypto';
import type { Sha256 } from '../../shared/audit/chain.ts';

export const sha256: Sha256 = (text) => hash('sha256', text);

export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
