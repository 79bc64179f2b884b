import { Button, Loader } from '@mantine/core';
import { IconChartBarOff, IconCloudOff, IconListDetails, IconPrinter } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { AuditCharts } from '../../../shared/audit/charts.ts';
import type { AuditFilter } from '../../../shared/audit/timeline.ts';
import type { WireError } from '../../../shared/errors.ts';
import { isLocked, useAuditDesk } from '../../audit/reader.ts';
import { storeTime } from '../../audit/store-time.ts';
import { Choice } from '../../components/choice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import layout from '../layout.module.css';
import { ChartList } from './chart-list.tsx';
import classes from './pictures.module.css';

/** Days of each span, today among them. */
const SPANS = { week: 7, month: 30, quarter: 90, year: 365 } as const;
type Span = keyof typeof SPANS;
const SPAN_NAMES = Object.keys(SPANS) as Span[];

type Pictures =
  | { readonly state: 'loading' }
  | { readonly state: 'failed'; readonly error: WireError }
  | { readonly state: 'shown'; readonly charts: AuditCharts };

interface PicturesPageProps {
  /** Shows the events of a number. */
  onOpen(filter: AuditFilter): void;
  onTimeline(): void;
}

/** What an open desk's list (`AuditDeskContext`) comes to in a span, in pictures and numbers. */
export function PicturesPage({ onOpen, onTimeline }: PicturesPageProps) {
  const { t, error } = useWords();
  const [span, setSpan] = useState<Span>('month');
  const { pictures, load } = usePictures(SPANS[span]);
  const isEmpty =
    pictures.state === 'shown' &&
    pictures.charts.total.events === 0 &&
    pictures.charts.days.every(({ messages }) => messages === 0);
  return (
    <div className={classes.page}>
      <div className={classes.head}>
        <h1 className={layout.title}>{t('pictures.title')}</h1>
        <Choice
          label={t('pictures.span.label')}
          value={span}
          options={SPAN_NAMES.map((value) => ({ value, text: t(`pictures.span.${value}`) }))}
          onChange={(next) => setSpan(next)}
        />
        <div className={classes.tools}>
          <Button
            variant="default"
            leftSection={<IconListDetails size={18} aria-hidden />}
            onClick={onTimeline}
          >
            {t('pictures.record')}
          </Button>
          <Button
            variant="default"
            disabled={pictures.state !== 'shown'}
            leftSection={<IconPrinter size={18} aria-hidden />}
            onClick={() => window.print()}
          >
            {t('report.print')}
          </Button>
        </div>
      </div>
      {pictures.state === 'loading' && (
        <div className={layout.empty} role="status">
          <Loader size={36} aria-hidden color="var(--brand)" />
          <strong>{t('pictures.loading')}</strong>
        </div>
      )}
      {pictures.state === 'failed' && (
        <div className={layout.empty} role="alert">
          <IconCloudOff size={44} stroke={1.5} aria-hidden />
          <strong>{t('pictures.notLoaded')}</strong>
          <p>{error(pictures.error)}</p>
          <Button size="lg" onClick={() => void load()}>
            {t('timeline.retry')}
          </Button>
        </div>
      )}
      {isEmpty && (
        <div className={layout.empty} role="status">
          <IconChartBarOff size={44} stroke={1.5} aria-hidden />
          <strong>{t('pictures.empty')}</strong>
          <p>{t('pictures.emptyHelp')}</p>
        </div>
      )}
      {pictures.state === 'shown' && !isEmpty && <ChartList charts={pictures.charts} onOpen={onOpen} />}
    </div>
  );
}

/** The pictures of so many days up to now; only the newest wish's answer counts. */
function usePictures(days: number) {
  const { reader, about, locked } = useAuditDesk();
  const [pictures, setPictures] = useState<Pictures>({ state: 'loading' });
  const newest = useRef(0);
  const load = async () => {
    newest.current += 1;
    const mine = newest.current;
    setPictures({ state: 'loading' });
    const now = Date.now();
    const time = storeTime(about.stores[0]?.timezone ?? 'UTC', 'en');
    const answer = await reader.charts({ from: time.startOfDay(now, 1 - days), to: time.startOfDay(now, 1) });
    if (mine !== newest.current) return;
    if (!answer.ok && isLocked(answer.error)) locked();
    setPictures(
      answer.ok ? { state: 'shown', charts: answer.value } : { state: 'failed', error: answer.error },
    );
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: `load` is made of the span
  useEffect(() => {
    void load();
    return () => {
      newest.current += 1;
    };
  }, [days]);
  return { pictures, load };
}
