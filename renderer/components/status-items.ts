import {
  IconCash,
  IconCloud,
  IconCloudOff,
  IconCloudQuestion,
  IconCoins,
  IconDatabase,
  IconKey,
  IconMessage2,
  IconPrinter,
  IconPrinterOff,
  IconSend,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import type { DrawerState, GatewayState, PrinterState, TillView } from '../../shared/bridge.ts';
import { useWords } from '../i18n/use-words.ts';

export type StatusTone = 'good' | 'wait' | 'bad' | 'quiet';

export interface StatusItem {
  readonly id: 'gateway' | 'printer' | 'drawer' | 'messages' | 'outbox' | 'sealed' | 'cache' | 'cashSales';
  readonly icon: ComponentType<{ size: number; 'aria-hidden': boolean }>;
  readonly title: string;
  readonly word: string;
  readonly tone: StatusTone;
  readonly help: readonly string[];
  /** While something is being sent: the part that is. */
  readonly progress?: { readonly done: number; readonly of: number };
}

const GATEWAY_TONE: Readonly<Record<GatewayState, StatusTone>> = {
  connecting: 'wait',
  online: 'good',
  degraded: 'wait',
  offline: 'bad',
  refused: 'bad',
};
const GATEWAY_ICON: Readonly<Record<GatewayState, StatusItem['icon']>> = {
  connecting: IconCloud,
  online: IconCloud,
  degraded: IconCloudQuestion,
  offline: IconCloudOff,
  refused: IconCloudOff,
};
const PRINTER_TONE: Readonly<Record<PrinterState, StatusTone>> = {
  none: 'quiet',
  absent: 'bad',
  ready: 'good',
  printing: 'good',
  paper_near_end: 'wait',
  paper_out: 'bad',
  cover_open: 'bad',
  error: 'bad',
  no_status: 'wait',
};
const DRAWER_TONE: Readonly<Record<DrawerState, StatusTone>> = {
  none: 'quiet',
  absent: 'bad',
  closed: 'good',
  open: 'wait',
};
/** A clock further off than this is worth a word. */
const SKEW_SHOWN_MS = 2_000;
/** Sealed codes that soon end, and balances that old, are worth a colour. */
const SEALED_SOON_MS = 86_400_000;
const CACHE_OLD_MS = 3_600_000;

/** Line, devices, and what this till holds for the time without a line. */
export function useStatusItems(
  status: TillView['status'],
  cashSale: TillView['cashSale'],
): readonly StatusItem[] {
  const { t } = useWords();
  const { printer, drawer, messages } = status;
  const printerHelp = [t(`statusBar.printer.help.${printer.state}`)];
  if (printer.label !== '') printerHelp.push(printer.label);
  return [
    useGatewayItem(status.gateway),
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
      word:
        messages === null
          ? t('statusBar.messages.unknown')
          : messages.waiting === 0
            ? t('statusBar.messages.none')
            : t('statusBar.messages.waiting', { number: messages.waiting }),
      tone: messages === null ? 'quiet' : messages.waiting > 0 ? 'wait' : 'good',
      help: [t('statusBar.messages.help')],
    },
    useOutboxItem(status.outbox),
    ...useCashSalesItem(cashSale),
    ...useSealedItem(status.sealed),
    useCacheItem(status.cache),
  ];
}

function useGatewayItem({ state, error: cause, skewMs }: TillView['status']['gateway']): StatusItem {
  const { t, error } = useWords();
  // These two a person can mend on the spot: the sentence of the error says how.
  const named = cause?.code === 'captive_portal' ? 'portal' : cause?.code === 'clock_skew' ? 'clock' : null;
  const help = named === null ? [t(`statusBar.gateway.help.${state}`)] : [];
  if (cause !== null) help.push(error(cause));
  if (skewMs !== null && Math.abs(skewMs) > SKEW_SHOWN_MS) {
    help.push(t('statusBar.gateway.skew', { seconds: Math.round(Math.abs(skewMs) / 1000) }));
  }
  return {
    id: 'gateway',
    icon: GATEWAY_ICON[state],
    title: t('statusBar.gateway.title'),
    word: t(`statusBar.gateway.${named ?? state}`),
    tone: GATEWAY_TONE[state],
    help,
  };
}

function useOutboxItem({ pending, attention, draining }: TillView['status']['outbox']): StatusItem {
  const { t } = useWords();
  const help = [
    ...(attention > 0 ? [t('statusBar.outbox.attentionHelp')] : []),
    ...(draining === null ? [] : [t('statusBar.outbox.drainingHelp', draining)]),
    t('statusBar.outbox.help'),
  ];
  const word = () => {
    if (draining !== null) return t('statusBar.outbox.draining', draining);
    if (attention > 0) return t('statusBar.outbox.attention', { number: attention });
    return pending > 0 ? t('statusBar.outbox.pending', { number: pending }) : t('statusBar.outbox.clear');
  };
  return {
    id: 'outbox',
    icon: IconSend,
    title: t('statusBar.outbox.title'),
    word: word(),
    tone: attention > 0 ? 'bad' : pending > 0 ? 'wait' : 'good',
    help,
    ...(draining === null ? {} : { progress: { done: draining.sent, of: draining.of } }),
  };
}

function useSealedItem(sealed: TillView['status']['sealed']): readonly StatusItem[] {
  const { t, age } = useWords();
  if (sealed === null) return [];
  const { codesLeft, expiresInMs } = sealed;
  const over = expiresInMs <= 0;
  return [
    {
      id: 'sealed',
      icon: IconKey,
      title: t('statusBar.sealed.title'),
      word: over
        ? t('statusBar.sealed.over')
        : codesLeft === 0
          ? t('statusBar.sealed.none')
          : t('statusBar.sealed.left', { number: codesLeft }),
      tone: over || codesLeft === 0 ? 'bad' : expiresInMs < SEALED_SOON_MS ? 'wait' : 'good',
      help: [
        ...(over ? [] : [t('statusBar.sealed.validFor', { age: age(expiresInMs) })]),
        t('statusBar.sealed.help'),
      ],
    },
  ];
}

/** Only where few openings are left and no more are on their way. */
function useCashSalesItem(cashSale: TillView['cashSale']): readonly StatusItem[] {
  const { t } = useWords();
  if (cashSale === null || !cashSale.few) return [];
  const { left } = cashSale;
  return [
    {
      id: 'cashSales',
      icon: IconCoins,
      title: t('cashSale.status'),
      word: left === 0 ? t('cashSale.none') : t('cashSale.some', { number: left }),
      tone: left === 0 ? 'bad' : 'wait',
      help: [t('cashSale.statusHelp')],
    },
  ];
}

function useCacheItem({ customers, ageMs }: TillView['status']['cache']): StatusItem {
  const { t, ago } = useWords();
  return {
    id: 'cache',
    icon: IconDatabase,
    title: t('statusBar.cache.title'),
    word: ageMs === null ? t('statusBar.cache.never') : ago(ageMs),
    tone: ageMs === null ? 'quiet' : ageMs > CACHE_OLD_MS ? 'wait' : 'good',
    help: [
      ...(ageMs === null ? [] : [t('statusBar.cache.inStep', { ago: ago(ageMs) })]),
      t('statusBar.cache.help', { number: customers }),
    ],
  };
}
