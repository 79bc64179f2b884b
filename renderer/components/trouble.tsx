import { Button } from '@mantine/core';
import { IconAlertOctagon } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import type { Trouble } from '../../shared/bridge.ts';
import { useWords } from '../i18n/use-words.ts';
import layout from '../screens/layout.module.css';
import { useActions, useCall, useView } from '../state/hooks.ts';
import { KeyHint } from './key-hint.tsx';
import { Notice } from './notice.tsx';
import classes from './trouble.module.css';

/** Somebody may say that they have read it. */
const READABLE: ReadonlySet<Trouble['kind']> = new Set<Trouble['kind']>(['recovered', 'clock_back']);

/** What is the matter with this till's own disk or clock, over every screen; what stops money has a screen of its own. */
export function TroubleBanners({ stopped }: { readonly stopped: boolean }) {
  const shown = useView().trouble.filter((trouble) => !(stopped && trouble.stopsMoney));
  if (shown.length === 0) return <div className={classes.banners} />;
  return (
    <div className={classes.banners}>
      {shown.map((trouble) => (
        <Banner key={trouble.kind} trouble={trouble} />
      ))}
    </div>
  );
}

function Banner({ trouble }: { readonly trouble: Trouble }) {
  const { t, error } = useWords();
  const seen = useCall('trouble.seen');
  const { kind, stopsMoney } = trouble;
  return (
    <Notice tone={stopsMoney ? 'bad' : 'wait'} urgent>
      <div className={classes.banner}>
        <p>
          {error(trouble.error)} {t(`trouble.kind.${kind}.help`)}
        </p>
        {READABLE.has(kind) && (
          <Button variant="default" loading={seen.busy} onClick={() => void seen.run({ kind })}>
            {t('trouble.seen')}
          </Button>
        )}
      </div>
    </Notice>
  );
}

/** In place of what would move money: what is the matter, what to do, and the way to the list and the report. */
export function Stopped() {
  const { t, error, moment } = useWords();
  const { trouble, session, redemption } = useView();
  const { goTo } = useActions();
  const cancel = useCall('redemption.cancel');
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div className={classes.stopped}>
      <div className={`${layout.card} ${classes.card}`} role="alert">
        <div className={classes.head}>
          <IconAlertOctagon size={52} aria-hidden className={classes.icon} />
          <h1 ref={heading} tabIndex={-1} className={layout.title}>
            {t('trouble.stopped')}
          </h1>
        </div>
        {trouble
          .filter(({ stopsMoney }) => stopsMoney)
          .map(({ kind, error: { params }, since }) => (
            // What it is and what to do; that no money moves stands above.
            <section key={kind} className={classes.one} aria-label={t(`trouble.kind.${kind}.title`, params)}>
              <h2>{t(`trouble.kind.${kind}.title`, params)}</h2>
              <p>{t(`trouble.kind.${kind}.help`)}</p>
              <p className={layout.help}>{t('trouble.since', { time: moment(since) })}</p>
            </section>
          ))}
        <p className={layout.help}>{t('trouble.byItself')}</p>
        {cancel.error !== null && (
          <Notice tone="bad" urgent>
            {error(cancel.error)}
          </Notice>
        )}
        <div className={classes.ways}>
          {redemption !== null && (
            <Button
              size="lg"
              variant="default"
              loading={cancel.busy}
              onClick={() => void cancel.run({ redemptionId: redemption.id })}
            >
              {t('trouble.cancel')}
            </Button>
          )}
          {session !== null && redemption === null && (
            <Button
              size="lg"
              variant="default"
              onClick={() => goTo('attention')}
              rightSection={<KeyHint>F1</KeyHint>}
            >
              {t('attention.title')}
            </Button>
          )}
          {session?.role === 'manager' && redemption === null && (
            <Button size="lg" variant="default" onClick={() => goTo('report')}>
              {t('report.title')}
            </Button>
          )}
        </div>
      </div>
    </div>
  );
}
