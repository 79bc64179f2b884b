import type { BridgeOutput } from '../../../shared/bridge.ts';
import { type Core, contextOf, linkOf } from '../core.ts';
import type { Session } from '../session.ts';
import { makeCasePdf } from './case-pdf.ts';

/** The evidence of a case and the same on paper. `token`: the proof of the manager's PIN. Throws `case_empty`, `not_found`. */
export async function exportCase(
  core: Core,
  { name }: Session,
  token: string,
  id: string,
): Promise<BridgeOutput<'cases.export'>> {
  const { store } = contextOf(core);
  const { client } = linkOf(core);
  const { clock } = core.effects;
  const evidence = await client.caseEvidence(token, id);
  // After it: that it was made stands on the paper, too.
  const detail = await client.case(token, id);
  const pdf = await makeCasePdf(
    {
      ...{
        detail,
        evidence,
        storeName: store.name,
        currency: store.currency,
        timezone: store.timezone,
        by: name,
      },
      language: core.store.settings.screen()?.language ?? store.language,
      at: clock.now(),
    },
    () => new Promise<void>((resolve) => void clock.schedule(0, resolve)),
  );
  return { evidence, pdf: pdf.toString('base64') };
}
