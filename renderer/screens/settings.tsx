import { Button } from '@mantine/core';
import type { TillView } from '../../shared/bridge.ts';
import { Choice } from '../components/choice.tsx';
import { KeyHint } from '../components/key-hint.tsx';
import { LANGUAGE_NAMES } from '../components/language-choice.tsx';
import { Notice } from '../components/notice.tsx';
import { LANGUAGES } from '../i18n/i18n.ts';
import { useWords } from '../i18n/use-words.ts';
import { useActions, useCall, useShortcuts, useView } from '../state/hooks.ts';
import layout from './layout.module.css';
import classes from './settings.module.css';

const THEMES = ['light', 'dark', 'auto'] as const;

/** Every key with a meaning of its own, in the order in which a day goes. */
const KEYS = [
  ['redeem', 'F2'],
  ['attention', 'F1'],
  ['recent', 'F3'],
  ['settings', 'F4'],
  ['shift', 'F5'],
  ['asset', 'F6'],
  ['approvals', 'F7'],
  ['again', 'F8'],
  ['signOut', 'F9'],
  ['timeline', 'F10'],
  ['next', 'Enter'],
  ['back', 'Esc'],
] as const;
/** Keys that not everybody has, or not every shop. */
const KEY_IS_OF: Readonly<Record<string, (view: TillView) => boolean>> = {
  shift: ({ cashShift }) => cashShift !== null,
  timeline: ({ session }) => session?.role === 'manager',
};

export function Settings() {
  const { t, error } = useWords();
  const view = useView();
  const { settings, till, appVersion, host, session, cashSale, cashShift } = view;
  const { goTo } = useActions();
  const set = useCall('settings.set');
  useShortcuts([['Escape', () => goTo('redeem')]]);
  return (
    <div className={classes.page}>
      <div className={`${layout.row} ${layout.between}`}>
        <h1 className={layout.title}>{t('settings.title')}</h1>
        {session?.role === 'manager' && (
          <div className={classes.ways}>
            <Button variant="default" onClick={() => goTo('timeline')}>
              {t('timeline.title')}
            </Button>
            <Button variant="default" onClick={() => goTo('devices')}>
              {t('devices.title')}
            </Button>
            <Button variant="default" onClick={() => goTo('messages')}>
              {t('messages.title')}
            </Button>
            <Button variant="default" onClick={() => goTo('signals')}>
              {t('findings.title')}
            </Button>
            {cashShift !== null && (
              <Button variant="default" onClick={() => goTo('shifts')}>
                {t('shifts.title')}
              </Button>
            )}
            <Button variant="default" onClick={() => goTo('report')}>
              {t('report.title')}
            </Button>
            <Button autoFocus variant="default" onClick={() => goTo('rules')}>
              {t('rules.title')}
            </Button>
          </div>
        )}
      </div>
      <div className={classes.columns}>
        <div className={classes.column}>
          <section className={layout.card}>
            <h2>{t('settings.language')}</h2>
            <Choice
              label={t('settings.language')}
              value={settings.language}
              options={LANGUAGES.map((value) => ({ value, text: LANGUAGE_NAMES[value] }))}
              onChange={(language) => void set.run({ language })}
            />
          </section>
          <section className={layout.card}>
            <h2>{t('settings.theme')}</h2>
            <Choice
              label={t('settings.theme')}
              value={settings.theme}
              options={THEMES.map((value) => ({ value, text: t(`settings.${value}`) }))}
              onChange={(theme) => void set.run({ theme })}
            />
          </section>
          {set.error !== null && (
            <Notice tone="bad" urgent>
              {error(set.error)}
            </Notice>
          )}
          <section className={layout.card}>
            <h2>{t('settings.about')}</h2>
            <dl className={classes.facts}>
              <dt>{t('settings.store')}</dt>
              <dd>{till?.storeName}</dd>
              <dt>{t('settings.till')}</dt>
              <dd>{till?.name}</dd>
              <dt>{t('settings.version')}</dt>
              <dd>
                Saksi {appVersion} ({t(`settings.host.${host}`)})
              </dd>
            </dl>
          </section>
        </div>
        <section className={`${layout.card} ${classes.keys}`}>
          <h2>{t('settings.keys')}</h2>
          <dl className={classes.list}>
            {KEYS.filter(([name]) => KEY_IS_OF[name]?.(view) ?? true).map(([name, key]) => (
              <div key={name}>
                <dt>
                  <KeyHint>{key}</KeyHint>
                  <span className={layout.hidden}>{key}</span>
                </dt>
                <dd>
                  {name === 'asset' && cashSale?.manual ? t('cashSale.key') : t(`settings.key.${name}`)}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </div>
  );
}
