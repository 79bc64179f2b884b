import type { BridgeInput, BridgeOutput } from '../../shared/bridge.ts';
import { DEFAULT_SLIP_DESIGN, type SlipDesign } from '../../shared/slip-design.ts';
import { PAPER_COLUMNS, slipPreviewSchema } from '../../shared/slip-preview.ts';
import slips from './generated/slips.json' with { type: 'json' };
import { type DevState, managing } from './state-kit.ts';

/** Slips as the till lays them out (electron/till/slip-golden.test.ts keeps them true); of the design only the logo is followed. */
export function fakePreview({
  kind,
  paper,
  design,
}: BridgeInput<'slips.preview'>): BridgeOutput<'slips.preview'> {
  const lines = slips.papers[paper][kind];
  const preview = slipPreviewSchema.parse({ columns: PAPER_COLUMNS[paper], lines });
  const hasLogo = design.logo !== null;
  return {
    ...preview,
    lines: preview.lines.filter((line) => hasLogo || line.kind !== 'dots' || line.what !== 'logo'),
  };
}

const OWN: SlipDesign = {
  ...DEFAULT_SLIP_DESIGN,
  logo: slips.logo,
  header: ['Jl. Malioboro No. 12, Yogyakarta 55271', 'NPWP 01.234.567.8-541.000'],
  footer: ['Barang yang sudah dibeli', 'tidak dapat ditukar kembali'],
  language: 'both',
  kinds: { redemption: { order: [], hidden: ['cashier', 'customer'] } },
};

export const SLIP_STATES = {
  rules_slip_own: managing({ rulesSection: 'slip', slipDesign: OWN }),
  rules_slip_wrong: managing({
    rulesSection: 'slip',
    slipDesign: { ...OWN, header: ['x'.repeat(81)], logo: 'AAAA' },
  }),
} as const satisfies Record<string, DevState>;
