import { Button } from '@mantine/core';
import { useState } from 'react';
import type { DeviceConfig } from '../../../shared/device-config.ts';
import type { WireError } from '../../../shared/errors.ts';
import { Notice } from '../../components/notice.tsx';
import { useStatusItems } from '../../components/status-items.ts';
import { useWords } from '../../i18n/use-words.ts';
import { useCall, useView } from '../../state/hooks.ts';
import layout from '../layout.module.css';
import classes from './devices.module.css';
import { learnPolarity, polarityOf, type Reading, withPolarity } from './draft.ts';

interface TrialsProps {
  readonly draft: DeviceConfig | null;
  /** Whether the draft is what the till uses: only that can be tried. */
  readonly saved: boolean;
  readonly saving: WireError | null;
  onPolarity(config: DeviceConfig): Promise<void>;
}

type Learning =
  | { readonly step: 'idle' | 'close' | 'learnt' | 'no_switch' }
  | { readonly step: 'open'; readonly whenClosed: Reading };

/** What the devices say at this moment, a page and an opening to try them, and which way the drawer's switch reads. */
export function Trials({ draft, saved, saving, onPolarity }: TrialsProps) {
  const { t, error } = useWords();
  const { status, till } = useView();
  const items = useStatusItems(status, null).filter(({ id }) => id === 'printer' || id === 'drawer');
  const print = useCall('devices.testPrint');
  const drawer = useCall('devices.testDrawer');
  const [printed, setPrinted] = useState(false);
  const [opened, setOpened] = useState<boolean | null>(null);
  const [learning, setLearning] = useState<Learning>({ step: 'idle' });
  const failure = saving ?? print.error ?? drawer.error;

  async function learnt(whenClosed: Reading): Promise<void> {
    if (draft === null) return;
    const polarity = learnPolarity(polarityOf(draft), whenClosed, status.drawer.state);
    setLearning({ step: polarity === null ? 'no_switch' : 'learnt' });
    if (polarity !== null && polarity !== polarityOf(draft)) await onPolarity(withPolarity(draft, polarity));
  }

  const next =
    learning.step === 'close'
      ? () => setLearning({ step: 'open', whenClosed: status.drawer.state })
      : learning.step === 'open'
        ? () => void learnt(learning.whenClosed)
        : () => setLearning({ step: 'close' });
  return (
    <>
      <div aria-live="polite">
        {items.map(({ id, title, word, help }) => (
          <p key={id} data-device={id}>
            {title}: <strong>{word}</strong> <span className={layout.muted}>{help[0]}</span>
          </p>
        ))}
      </div>
      {failure !== null && (
        <Notice tone="bad" urgent>
          {error(failure)}
        </Notice>
      )}
      {printed && print.error === null && <Notice tone="good">{t('devices.printed')}</Notice>}
      {opened !== null && drawer.error === null && (
        <Notice tone={opened ? 'good' : 'wait'}>
          {opened ? t('devices.opened') : t('devices.notHeard')}
        </Notice>
      )}
      {learning.step !== 'idle' && (
        <Notice tone={learning.step === 'no_switch' ? 'wait' : 'info'}>
          {t(`devices.learn.${learning.step}`)}
        </Notice>
      )}
      <div className={classes.buttons}>
        <Button
          variant="default"
          disabled={!saved}
          loading={print.busy}
          onClick={() => {
            setPrinted(false);
            void print.run({}).then((result) => setPrinted(result?.ok === true));
          }}
        >
          {t('devices.testPrint')}
        </Button>
        {till === null && (
          <Button
            variant="default"
            disabled={!saved}
            loading={drawer.busy}
            onClick={() => {
              setOpened(null);
              void drawer
                .run({})
                .then((result) => setOpened(result?.ok === true ? result.value.confirmed : null));
            }}
          >
            {t('devices.testDrawer')}
          </Button>
        )}
        {draft?.drawer.via !== 'none' && (
          <Button variant="default" disabled={!saved} onClick={next}>
            {t(
              learning.step === 'close' || learning.step === 'open'
                ? `devices.learn.${learning.step}Done`
                : 'devices.learn.start',
            )}
          </Button>
        )}
      </div>
      {till !== null && draft?.drawer.via !== 'none' && (
        <p className={layout.help}>{t('devices.drawerNeeds')}</p>
      )}
    </>
  );
}
