import { Button, Loader } from '@mantine/core';
import { IconCloudOff, IconDownload, IconMessageOff, IconPrinter } from '@tabler/icons-react';
import { useState } from 'react';
import { deliveryStateSchema } from '../../../shared/delivery.ts';
import { MESSAGE_KINDS, type MessageFilter } from '../../../shared/message-log.ts';
import { Choice } from '../../components/choice.tsx';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { toCsv, toJson } from '../../messages/export.ts';
import { saveBase64, saveFile } from '../../messages/save-file.ts';
import { dateText, dayOf } from '../../report/day.ts';
import { useActions, useCall, useShortcuts } from '../../state/hooks.ts';
import layout from '../layout.module.css';
import { MessageDetail } from './message-detail.tsx';
import { MessageList } from './message-list.tsx';
import classes from './messages.module.css';
import { useMessages } from './use-messages.ts';

const SPANS = { day: 0, week: -6, month: -29 } as const;
type Span = keyof typeof SPANS | 'all';

/** Every message of the store and what became of it: for managers. */
export function MessagesScreen() {
  const { t, error } = useWords();
  const { goTo } = useActions();
  const [span, setSpan] = useState<Span>('week');
  const [fits, setFits] = useState<Pick<MessageFilter, 'kind' | 'state' | 'q'>>({});
  const [chosen, setChosen] = useState<string | null>(null);
  const [exporting, setExporting] = useState(false);
  const filter = { ...fits, ...(span === 'all' ? {} : { from: dayOf(Date.now(), SPANS[span]).from }) };
  const { list, load, older, all } = useMessages(filter);
  const paper = useCall('messages.pdf');
  useShortcuts([['Escape', () => goTo('settings')]]);
  const messages = list.state === 'shown' ? list.messages : [];
  const shown = messages.find(({ id }) => id === chosen) ?? messages[0] ?? null;

  const save = async (kind: 'csv' | 'json' | 'pdf') => {
    setExporting(true);
    const fileName = `saksi-messages-${dateText(dayOf(Date.now()))}.${kind}`;
    if (kind === 'pdf') {
      const made = await paper.run({ filter });
      setExporting(false);
      if (made?.ok) saveBase64({ name: fileName, type: 'application/pdf', base64: made.value.pdf });
      return;
    }
    const rows = await all();
    setExporting(false);
    if (rows === null) return;
    if (kind === 'csv') saveFile({ name: fileName, type: 'text/csv', text: toCsv(rows) });
    else saveFile({ name: fileName, type: 'application/json', text: toJson(rows) });
  };

  return (
    <div className={classes.page}>
      <div className={classes.head}>
        <h1 className={layout.title}>{t('messages.title')}</h1>
        <div className={classes.tools}>
          {(['csv', 'json', 'pdf'] as const).map((kind) => (
            <Button
              key={kind}
              variant="default"
              loading={exporting}
              disabled={messages.length === 0}
              leftSection={<IconDownload size={18} aria-hidden />}
              aria-label={t('messages.export', { format: kind.toUpperCase() })}
              onClick={() => void save(kind)}
            >
              {kind.toUpperCase()}
            </Button>
          ))}
          <Button
            variant="default"
            disabled={messages.length === 0}
            leftSection={<IconPrinter size={18} aria-hidden />}
            onClick={() => window.print()}
          >
            {t('report.print')}
          </Button>
        </div>
      </div>
      {paper.error !== null && (
        <Notice tone="bad" urgent>
          {error(paper.error)}
        </Notice>
      )}
      <Filters span={span} fits={fits} onSpan={setSpan} onFits={setFits} />
      {list.state === 'loading' && (
        <div className={layout.empty} role="status">
          <Loader size={36} aria-hidden color="var(--brand)" />
          <strong>{t('messages.loading')}</strong>
        </div>
      )}
      {list.state === 'failed' && (
        <div className={layout.empty} role="alert">
          <IconCloudOff size={44} stroke={1.5} aria-hidden />
          <strong>{t('messages.notLoaded')}</strong>
          <p>{error(list.error)}</p>
          <Button size="lg" onClick={() => void load()}>
            {t('report.retry')}
          </Button>
        </div>
      )}
      {list.state === 'shown' && shown === null && (
        <div className={layout.empty} role="status">
          <IconMessageOff size={44} stroke={1.5} aria-hidden />
          <strong>{t('messages.none')}</strong>
          <p>{t('messages.noneHelp')}</p>
        </div>
      )}
      {list.state === 'shown' && shown !== null && (
        <div className={classes.body}>
          <MessageList list={list} chosen={shown.id} onChoose={setChosen} onOlder={() => void older()} />
          <MessageDetail message={shown} />
        </div>
      )}
    </div>
  );
}

interface FiltersProps {
  readonly span: Span;
  readonly fits: Pick<MessageFilter, 'kind' | 'state' | 'q'>;
  onSpan(span: Span): void;
  onFits(fits: FiltersProps['fits']): void;
}

function Filters({ span, fits, onSpan, onFits }: FiltersProps) {
  const { t } = useWords();
  const { kind: _kind, ...withoutKind } = fits;
  const { state: _state, ...withoutState } = fits;
  const kindOf = (text: string) => MESSAGE_KINDS.find((kind) => kind === text);
  const stateOf = (text: string) => deliveryStateSchema.options.find((state) => state === text);
  return (
    <div className={classes.filters}>
      <Choice
        label={t('messages.span.label')}
        value={span}
        options={(['day', 'week', 'month', 'all'] as const).map((value) => ({
          value,
          text: t(`messages.span.${value}`),
        }))}
        onChange={onSpan}
      />
      <select
        className={`${layout.control} ${classes.select}`}
        aria-label={t('messages.what')}
        value={fits.kind ?? ''}
        onChange={({ target }) => {
          const kind = kindOf(target.value);
          onFits(kind === undefined ? withoutKind : { ...fits, kind });
        }}
      >
        <option value="">{t('messages.everyKind')}</option>
        {MESSAGE_KINDS.map((kind) => (
          <option key={kind} value={kind}>
            {t(`messages.kind.${kind}`)}
          </option>
        ))}
      </select>
      <select
        className={`${layout.control} ${classes.select}`}
        aria-label={t('messages.state')}
        value={fits.state ?? ''}
        onChange={({ target }) => {
          const state = stateOf(target.value);
          onFits(state === undefined ? withoutState : { ...fits, state });
        }}
      >
        <option value="">{t('messages.everyState')}</option>
        {deliveryStateSchema.options.map((state) => (
          <option key={state} value={state}>
            {t(`messages.states.${state}`)}
          </option>
        ))}
      </select>
      <input
        className={`${layout.control} ${classes.search}`}
        type="search"
        aria-label={t('messages.search')}
        placeholder={t('messages.search')}
        maxLength={64}
        autoComplete="off"
        spellCheck={false}
        value={fits.q ?? ''}
        onChange={({ target }) => onFits({ ...fits, q: target.value })}
      />
    </div>
  );
}
