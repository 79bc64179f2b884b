import { useEffect, useState } from 'react';
import type { WireError } from '../../../shared/errors.ts';
import { slipDesignSchema } from '../../../shared/slip-design.ts';
import type { SlipPreview, SlipPreviewWish } from '../../../shared/slip-preview.ts';
import { useActions } from '../../state/hooks.ts';

/** How long the hands rest before the till is asked. */
const REST_MS = 200;

export interface SlipPreviewing {
  /** The last one that there was; null: none yet. */
  readonly preview: SlipPreview | null;
  readonly error: WireError | null;
  /** The design holds what no slip may: the preview stays as it was. */
  readonly faulty: boolean;
}

/** The slip that is wished for, laid out by the till as it prints it. */
export function useSlipPreview(wish: SlipPreviewWish): SlipPreviewing {
  const { call } = useActions();
  const [preview, setPreview] = useState<SlipPreview | null>(null);
  const [error, setError] = useState<WireError | null>(null);
  const faulty = !slipDesignSchema.safeParse(wish.design).success;
  const asked = JSON.stringify(wish);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `asked` is all of the wish
  useEffect(() => {
    if (faulty) return undefined;
    let dropped = false;
    const timer = setTimeout(async () => {
      const answer = await call('slips.preview', wish);
      if (dropped) return;
      if (answer.ok) setPreview(answer.value);
      setError(answer.ok ? null : answer.error);
    }, REST_MS);
    return () => {
      dropped = true;
      clearTimeout(timer);
    };
  }, [asked, faulty]);
  return { preview, error, faulty };
}
