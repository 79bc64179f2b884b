import { Popover } from '@mantine/core';
import {
  IconCash,
  IconCloud,
  IconCloudOff,
  IconMessage2,
  IconPrinter,
  IconPrinterOff,
  IconSend,
} from '@tabler/icons-react';
import { type ComponentType, useState } from 'react';
import type { DrawerState, GatewayState, PrinterState, TillView } from '../../shared/bridge.ts';
import { useWords } from '../i18n/use-words.ts';
import { useActions, useView } from '../state/hooks.ts';
import classes from './status-bar.module.css';

type Tone = 'good' | 'wait' | 'bad' | 'quiet';

const GATEWAY_TONE: Readonly<Record<GatewayState, Tone>> = {
  connecting: 'wait',
  online: 'good',
  offline: 'bad',
  refused: 'bad',
};
const PRINTER_TONE: Readonly<Record<PrinterState, Tone>> = {
  none: 'quiet',
  absent: 'bad',
  ready: 'good',
  printing: 'good',
  paper_near_end: 'wait',
  paper_out: 'bad',
  cover_open: 'bad',
  error: 'bad',
};
const DRAWER_TONE: Readonly<Record<DrawerState, Tone>> = {
  none: 'quiet',
  absent: 'bad',
  closed: 'good',
  open: 'wait',
};
/** A clock further off than this is worth a word. */
const SKEW_SHOWN_MS = 2_000;

interface Item {
  readonly id: string;
  readonly icon: ComponentType<{ size: number; 'aria-hidden': boolean }>;
  readonly title: string;
  readonly word: string;
  readonly tone: Tone;
  readonly help: readonly string[];
}

/** Line and devices, each with an icon and a word; a tap or Enter shows what it means. */
export function StatusBar() {
  const { t } = useWords();
  const { status, till } = useView();
  const items = useItems(status);
  if (till === null) return <div />;
  return (
    <section className={classes.bar} aria-label={t('statusBar.label')}>
      {items.map((item) => (
        <StatusItem key={item.id} item={item} />
      ))}
    </section>
  );
}

function useItems(status: TillView['status']): readonly Item[] {
  const { t, error } = useWords();
  const { gateway, printer, drawer, messages, outbox } = status;
  const gatewayHelp = [t(`statusBar.gateway.help.${gateway.state}`)];
  if (gateway.error !== null) gatewayHelp.push(error(gateway.error));
  if (gateway.skewMs !== null && Math.abs(gateway.skewMs) > SKEW_SHOWN_MS) {
    gatewayHelp.push(t('statusBar.gateway.skew', { seconds: Math.round(Math.abs(gateway.skewMs) / 1000) }));
  }
  const printerHelp = [t(`statusBar.printer.help.${printer.state}`)];
  if (printer.label !== '') printerHelp.push(printer.label);
  return [
    {
      id: 'gateway',
      icon: gateway.state === 'offline' || gateway.state === 'refused' ? IconCloudOff : IconCloud,
      title: t('statusBar.gateway.title'),
      word: t(`statusBar.gateway.${gateway.state}`),
      tone: GATEWAY_TONE[gateway.state],
      help: gatewayHelp,
    },
    {
      id: 'printer',
      icon: PRINTER_TONE[printer.state] === 'bad' ? IconPrinterOff : IconPrinter,
      title: t('statusBar.printer.title'),
      word: t(`statusBar.printer.${printer.state}`),
      tone: PRINTER_TONE[printer.state],
      help: printerHelp,
    },
    {
      id: 'drawer',
      icon: IconCash,
      title: t('statusBar.drawer.title'),
      word: t(`statusBar.drawer.${drawer.state}`),
      tone: DRAWER_TONE[drawer.state],
      help: [t(`statusBar.drawer.help.${drawer.state}`)],
    },
    {
      id: 'messages',
      icon: IconMessage2,
      title: t('statusBar.messages.title'),
      word: messagesWord(t, messages),
      tone: messages === null ? 'quiet' : messages.waiting > 0 ? 'wait' : 'good',
      help: [t('statusBar.messages.help')],
    },
    {
      id: 'outbox',
      icon: IconSend,
      title: t('statusBar.outbox.title'),
      word: outboxWord(t, outbox),
      tone: outbox.attention > 0 ? 'bad' : outbox.pending > 0 ? 'wait' : 'good',
      help: [
        ...(outbox.attention > 0 ? [t('statusBar.outbox.attentionHelp')] : []),
        t('statusBar.outbox.help'),
      ],
    },
  ];
}

type Translate = ReturnType<typeof useWords>['t'];

function messagesWord(t: Translate, messages: TillView['status']['messages']): string {
  if (messages === null) return t('statusBar.messages.unknown');
  if (messages.waiting === 0) return t('statusBar.messages.none');
  return t('statusBar.messages.waiting', { number: messages.waiting });
}

function outboxWord(t: Translate, { pending, attention }: TillView['status']['outbox']): string {
  if (attention > 0) return t('statusBar.outbox.attention', { number: attention });
  if (pending > 0) return t('statusBar.outbox.pending', { number: pending });
  return t('statusBar.outbox.clear');
}

function StatusItem({ item: { id, icon: Icon, title, word, tone, help } }: { readonly item: Item }) {
  const { setOverlayOpen } = useActions();
  const [opened, setOpened] = useState(false);
  const show = (open: boolean) => {
    setOpened(open);
    setOverlayOpen(open);
  };
  return (
    <Popover opened={opened} onChange={show} position="top" width={320} shadow="md" trapFocus={false}>
      <Popover.Target>
        <button
          type="button"
          className={classes.item}
          data-tone={tone}
          data-status={id}
          aria-expanded={opened}
          onClick={() => show(!opened)}
          onBlur={() => opened && show(false)}
          onKeyDown={(event) => {
            if (event.key === 'Escape' && opened) show(false);
          }}
        >
          <span className={classes.dot}>
            <Icon size={18} aria-hidden />
          </span>
          <span className={classes.text}>
            <span className={classes.title}>{title}</span>
            <span className={classes.word}>{word}</span>
          </span>
        </button>
      </Popover.Target>
      <Popover.Dropdown className={classes.detail}>
        {help.map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
      </Popover.Dropdown>
    </Popover>
  );
}
