import { Popover } from '@mantine/core';
import { useState } from 'react';
import { useWords } from '../i18n/use-words.ts';
import { useActions, useSaksi, useView } from '../state/hooks.ts';
import { screenFor } from '../state/screen.ts';
import classes from './status-bar.module.css';
import { type StatusItem, useStatusItems } from './status-items.ts';

/** Screens from which one may go to the list of what waits. */
const LEAVABLE: ReadonlySet<string> = new Set([
  'redeem',
  'recent',
  'settings',
  'rules',
  'report',
  'attention',
  'stopped',
]);

/** Line and devices, each with an icon and a word; a tap or Enter shows what it means. */
export function StatusBar() {
  const { t } = useWords();
  const { status, cashSale, till } = useView();
  const items = useStatusItems(status, cashSale);
  if (till === null) return <div />;
  return (
    <section className={classes.bar} aria-label={t('statusBar.label')}>
      {items.map((item) =>
        item.id === 'outbox' ? <Outbox key={item.id} item={item} /> : <Item key={item.id} item={item} />,
      )}
    </section>
  );
}

/** Leads to the list of what waits, where one may go there; else it says what it means, like the others. */
function Outbox({ item }: { readonly item: StatusItem }) {
  const { goTo } = useActions();
  const leavable = useSaksi((state) => LEAVABLE.has(screenFor(state.view, state.page)));
  return leavable ? <Face item={item} onClick={() => goTo('attention')} leads /> : <Item item={item} />;
}

function Item({ item }: { readonly item: StatusItem }) {
  const { setOverlayOpen } = useActions();
  const [opened, setOpened] = useState(false);
  const show = (open: boolean) => {
    setOpened(open);
    setOverlayOpen(open);
  };
  return (
    <Popover opened={opened} onChange={show} position="top" width={320} shadow="md" trapFocus={false}>
      <Popover.Target>
        <Face
          item={item}
          expanded={opened}
          onClick={() => show(!opened)}
          onBlur={() => opened && show(false)}
          onEscape={() => opened && show(false)}
        />
      </Popover.Target>
      <Popover.Dropdown className={classes.detail}>
        {item.help.map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
      </Popover.Dropdown>
    </Popover>
  );
}

interface FaceProps {
  readonly item: StatusItem;
  readonly expanded?: boolean;
  readonly leads?: boolean;
  readonly ref?: React.Ref<HTMLButtonElement>;
  onClick(): void;
  onBlur?(): void;
  onEscape?(): void;
}

function Face({ item, expanded, leads = false, ref, onClick, onBlur, onEscape, ...target }: FaceProps) {
  const { t } = useWords();
  const { id, icon: Icon, title, word, tone, progress } = item;
  return (
    <button
      {...target}
      ref={ref}
      type="button"
      className={classes.item}
      data-tone={tone}
      data-status={id}
      aria-expanded={expanded}
      title={leads ? t('statusBar.outbox.show') : undefined}
      onClick={onClick}
      onBlur={onBlur}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onEscape?.();
      }}
    >
      <span className={classes.dot}>
        <Icon size={18} aria-hidden />
      </span>
      <span className={classes.text}>
        <span className={classes.title}>{title}</span>
        <span className={classes.word}>{word}</span>
      </span>
      {progress !== undefined && (
        <progress
          className={classes.progress}
          max={progress.of}
          value={progress.done}
          aria-label={t('statusBar.outbox.title')}
        />
      )}
    </button>
  );
}
