/** What the checks found, kept for each step; one that was made with other settings says nothing. */
import type { Clock } from '../../shared/effects.ts';
import { SaksiError, type WireError } from '../../shared/errors.ts';
import type { SetupStep, StepView } from '../../shared/setup-api.ts';
import type { Engine } from '../db/engine.ts';
import type { CheckedStep, Facts } from './checks.ts';
import type { SettingStore, Settings } from './settings.ts';

export interface Found {
  readonly step: SetupStep;
  readonly outcome: 'ok' | 'failed';
  readonly error: WireError | null;
  readonly facts: Facts;
  readonly checkedAt: number;
}

export interface SetupRecord {
  /** Those that were made with these settings. */
  read(settings: Settings): Promise<Map<SetupStep, Found>>;
  /** @param outcome what was found, or why the step is not done */
  keep(step: CheckedStep, settings: Settings, outcome: Facts | SaksiError): Promise<void>;
}

export function createSetupRecord(options: {
  engine: Engine;
  clock: Clock;
  accountId: string;
  markOf: SettingStore['markOf'];
}): SetupRecord {
  const { clock, accountId, markOf } = options;
  const db = options.engine.kysely;

  async function read(settings: Settings): Promise<Map<SetupStep, Found>> {
    const rows = await db
      .selectFrom('setup_checks')
      .selectAll()
      .where('account_id', '=', accountId)
      .execute();
    const current = rows.filter(({ step, mark }) => mark === markOf(step, settings));
    return new Map(
      current.map(({ step, outcome, error, params, facts, checked_at: checkedAt }) => {
        const wire = error === null ? null : new SaksiError(error, { params }).toWire();
        return [step, { step, outcome, error: wire, facts, checkedAt }];
      }),
    );
  }

  async function keep(step: CheckedStep, settings: Settings, outcome: Facts | SaksiError): Promise<void> {
    const failed = outcome instanceof SaksiError;
    const values = {
      mark: markOf(step, settings),
      outcome: failed ? ('failed' as const) : ('ok' as const),
      error: failed ? outcome.code : null,
      params: JSON.stringify(failed ? outcome.params : {}),
      facts: JSON.stringify(failed ? {} : outcome),
      checked_at: clock.now(),
    };
    await db
      .insertInto('setup_checks')
      .values({ account_id: accountId, step, ...values })
      .onConflict((conflict) => conflict.columns(['account_id', 'step']).doUpdateSet(values))
      .execute();
  }

  return { read, keep };
}

/** Without a check that holds, a step is as far as what was typed in. */
export function stepView(step: SetupStep, found: Found | undefined, isFilled: boolean): StepView {
  if (found === undefined) return { step, state: isFilled ? 'saved' : 'todo', error: null, checkedAt: null };
  const state = found.outcome === 'ok' ? 'done' : 'failed';
  return { step, state, error: found.error, checkedAt: found.checkedAt };
}
