import type { Random } from '../../shared/effects.ts';
import type { PinHash } from '../../shared/gateway-api.ts';
import { PIN_COST } from '../keys/hash-costs.ts';
import { slowHash } from '../keys/slow-hash.ts';

export const PIN = /^\d{4,12}$/;

export const hashPin = (pin: string, random: Pick<Random, 'bytes'>): Promise<PinHash> =>
  slowHash(pin, PIN_COST, random);
