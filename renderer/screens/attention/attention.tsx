import { Button, Loader } from '@mantine/core';
import { IconCircleCheck, IconCloudOff } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { OutboxItemView } from '../../../shared/bridge.ts';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { useActions, useCall, useShortcuts, useView } from '../../state/hooks.ts';
import layout from '../layout.module.css';
import classes from './attention.module.css';
import { AttentionItem } from './attention-item.tsx';
import { AttentionList } from './attention-list.tsx';

export type Done = OutboxItemView['actions'][number];

/** What waits for the gateway and what it refused, refused first, with what a person can do about each. */
export function Attention() {
  const { t, error } = useWords();
  const { status, session } = useView();
  const { goTo } = useActions();
  const list = useCall('outbox.list');
  const [items, setItems] = useState<readonly OutboxItemView[] | null>(null);
  const [chosenId, setChosenId] = useState<string | null>(null);
  const [done, setDone] = useState<Done | null>(null);
  const { pending, attention } = status.outbox;
  const load = async () => {
    const result = await list.run({});
    if (result?.ok) setItems(result.value.items);
  };
  // The counts tell that something in the list has changed.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `load` closes over the call only
  useEffect(() => {
    void load();
  }, [pending, attention]);
  useShortcuts([['Escape', () => goTo('redeem')]]);

  const chosen = items?.find(({ id }) => id === chosenId) ?? items?.[0] ?? null;
  return (
    <div className={classes.page}>
      <div className={`${layout.row} ${layout.between}`}>
        <div>
          <h1 className={layout.title}>{t('attention.title')}</h1>
          <p className={layout.help}>{t('attention.help')}</p>
        </div>
        {session?.role === 'manager' && (
          <Button variant="default" size="md" onClick={() => goTo('report')}>
            {t('report.title')}
          </Button>
        )}
      </div>
      {done !== null && (
        <Notice tone="good" urgent>
          {t(`attention.done.${done}`)}
        </Notice>
      )}
      {list.error !== null && items !== null && <Notice tone="bad">{error(list.error)}</Notice>}
      {items === null ? (
        <NotYet failed={list.error === null ? null : error(list.error)} onRetry={() => void load()} />
      ) : chosen === null ? (
        <div className={layout.empty}>
          <IconCircleCheck size={48} stroke={1.5} aria-hidden />
          <strong>{t('attention.empty')}</strong>
          <p>{t('attention.emptyHelp')}</p>
        </div>
      ) : (
        <div className={classes.columns}>
          <AttentionList
            items={items}
            chosenId={chosen.id}
            onChoose={(id) => {
              setChosenId(id);
              setDone(null);
            }}
          />
          <AttentionItem
            key={chosen.id}
            item={chosen}
            onDone={(what) => {
              setDone(what);
              void load();
            }}
          />
        </div>
      )}
    </div>
  );
}

function NotYet({ failed, onRetry }: { readonly failed: string | null; onRetry(): void }) {
  const { t } = useWords();
  if (failed === null) {
    return (
      <div className={layout.empty} role="status">
        <Loader size={36} aria-hidden color="var(--brand)" />
        <strong>{t('attention.loading')}</strong>
      </div>
    );
  }
  return (
    <div className={layout.empty} role="alert">
      <IconCloudOff size={44} stroke={1.5} aria-hidden />
      <p>{failed}</p>
      <Button size="lg" autoFocus onClick={onRetry}>
        {t('report.retry')}
      </Button>
    </div>
  );
}
