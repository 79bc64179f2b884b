import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { DeviceConfig, Discovered } from '../../../shared/device-config.ts';
import { Choice } from '../../components/choice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { useActions, useCall, useShortcuts, useView } from '../../state/hooks.ts';
import layout from '../layout.module.css';
import classes from './devices.module.css';
import { choose, labelOf, printerOf, type Target, transportFor, withPrinter } from './draft.ts';
import { Finder } from './finder.tsx';
import { Trials } from './trials.tsx';

/** Which printer and drawer this till has: found, chosen, tried, kept. A manager's, or anybody's before the pairing. */
export function DevicesScreen() {
  const { t } = useWords();
  const { till } = useView();
  const { goTo } = useActions();
  const get = useCall('devices.get');
  const find = useCall('devices.find');
  const save = useCall('devices.save');
  const [kept, setKept] = useState<DeviceConfig | null>(null);
  const [draft, setDraft] = useState<DeviceConfig | null>(null);
  const [found, setFound] = useState<Discovered | null>(null);
  const [target, setTarget] = useState<Target>('printer');
  const back = () => goTo(till === null ? 'redeem' : 'settings');
  useShortcuts([['Escape', back]]);

  const search = () =>
    void find.run({}).then((result) => {
      if (result?.ok) setFound(result.value);
    });
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the screen comes
  useEffect(() => {
    void get.run({}).then((result) => {
      if (result?.ok !== true) return;
      setKept(result.value.config);
      setDraft(result.value.config);
    });
    search();
  }, []);

  async function keep(config: DeviceConfig): Promise<void> {
    setDraft(config);
    const result = await save.run({ config });
    if (result?.ok) setKept(config);
  }

  const failure = get.error ?? save.error;
  return (
    <div className={classes.page}>
      <div className={`${layout.row} ${layout.between}`}>
        <h1 className={layout.title}>{t('devices.title')}</h1>
        <Button variant="default" onClick={back}>
          {t('devices.back')}
        </Button>
      </div>
      {draft !== null && (
        <div className={classes.columns}>
          <Finder
            found={found}
            busy={find.busy}
            failure={find.error}
            target={target}
            transport={transportFor(draft, target)}
            onSearch={search}
            onChoose={(transport, guess) => setDraft(choose(draft, target, transport, guess))}
          />
          <section className={`${layout.card} ${classes.card}`} aria-label={t('devices.chosen')}>
            <Choice<Target>
              label={t('devices.listChooses')}
              value={target}
              options={[
                { value: 'printer', text: t('devices.printer') },
                { value: 'fallback', text: t('devices.second') },
                ...(draft.drawer.via === 'device'
                  ? [{ value: 'drawer' as const, text: t('devices.drawer') }]
                  : []),
              ]}
              onChange={setTarget}
            />
            <PrinterChoice
              draft={draft}
              target={target === 'fallback' ? 'fallback' : 'printer'}
              onChange={setDraft}
            />
            <div className={classes.named}>
              <span>{t('devices.drawer')}:</span>
              <Choice
                label={t('devices.drawer')}
                value={draft.drawer.via}
                options={[
                  { value: 'printer', text: t('devices.viaPrinter') },
                  { value: 'device', text: t('devices.viaDevice') },
                  { value: 'none', text: t('devices.viaNone') },
                ]}
                onChange={(via) => {
                  setTarget(via === 'device' ? 'drawer' : 'printer');
                  setDraft(
                    via === 'device'
                      ? choose(draft, 'drawer', { kind: 'none' }, null)
                      : { ...draft, drawer: { via } },
                  );
                }}
              />
            </div>
            {draft.drawer.via === 'device' && (
              <p>
                {t('devices.viaDevice')}:{' '}
                <strong>{labelOf(draft.drawer.transport) || t('devices.none')}</strong>
              </p>
            )}
            <Button loading={save.busy} disabled={draft === kept} onClick={() => void keep(draft)}>
              {t('devices.save')}
            </Button>
            <Trials draft={draft} saved={draft === kept} saving={failure} onPolarity={keep} />
          </section>
        </div>
      )}
      {draft === null && get.error !== null && (
        <Trials draft={null} saved={false} saving={failure} onPolarity={keep} />
      )}
    </div>
  );
}

interface PrinterChoiceProps {
  readonly draft: DeviceConfig;
  readonly target: 'printer' | 'fallback';
  onChange(draft: DeviceConfig): void;
}

/** What one printer understands and how wide its paper is; the second one can be left out. */
function PrinterChoice({ draft, target, onChange }: PrinterChoiceProps) {
  const { t } = useWords();
  const printer = printerOf(draft, target);
  const label = printer === null ? '' : labelOf(printer.transport);
  return (
    <>
      <p>
        {t(target === 'fallback' ? 'devices.second' : 'devices.printer')}:{' '}
        <strong>{label || t('devices.none')}</strong>
      </p>
      {printer !== null && (
        <>
          <Choice
            label={t('devices.language')}
            value={printer.language}
            options={[
              { value: 'star-prnt', text: 'StarPRNT' },
              { value: 'star-line', text: 'Star Line' },
              { value: 'esc-pos', text: 'ESC/POS' },
            ]}
            onChange={(language) => onChange(withPrinter(draft, target, { ...printer, language }))}
          />
          <Choice
            label={t('devices.paper')}
            value={printer.columns === 32 ? '58' : '80'}
            options={[
              { value: '58', text: '58 mm' },
              { value: '80', text: '80 mm' },
            ]}
            onChange={(paper) =>
              onChange(withPrinter(draft, target, { ...printer, columns: paper === '58' ? 32 : 48 }))
            }
          />
        </>
      )}
      {target === 'fallback' && printer !== null && (
        <Button variant="default" onClick={() => onChange(withPrinter(draft, target, null))}>
          {t('devices.withoutSecond')}
        </Button>
      )}
    </>
  );
}
