import { Button } from '@mantine/core';
import { type SyntheticEvent, useState } from 'react';
import { NOTICE_KINDS } from '../../../shared/privacy.ts';
import { Field } from '../../components/field.tsx';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import layout from '../../screens/layout.module.css';
import setup from '../setup.module.css';
import type { PaneProps } from './customer-pane.tsx';
import classes from './customers.module.css';

const NOTE_MIN = 3;
const NOTE_MAX = 200;
type Kind = (typeof NOTICE_KINDS)[number];

/** What the customer agreed to be told, and all that was said about it. */
export function Consents({ customers, file }: PaneProps) {
  const { t, error, moment } = useWords();
  const [asked, setAsked] = useState<Kind | null>(null);
  const [note, setNote] = useState('');
  const save = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (asked === null || note.trim().length < NOTE_MIN) return;
    const request = { storeId: customers.storeId, customer: { id: file.id }, purpose: asked };
    const done = await customers.change('consent', (api) =>
      api.consent({ ...request, given: !file.notices[asked], note: note.trim() }),
    );
    if (!done) return;
    setAsked(null);
    setNote('');
  };
  return (
    <section className={classes.part} aria-label={t('setup.customers.consents')}>
      <h2>{t('setup.customers.consents')}</h2>
      <p className={layout.help}>{t('setup.customers.consentsHelp')}</p>
      {customers.failed?.what === 'consent' && (
        <Notice tone="bad" urgent>
          {error(customers.failed.error)}
        </Notice>
      )}
      {NOTICE_KINDS.map((kind) => {
        const given = file.notices[kind];
        const verb = given ? 'withdraw' : 'give';
        const name = t(`setup.customers.purpose.${kind}`);
        return (
          <div key={kind} className={classes.consent}>
            <span className={classes.name}>{name}</span>
            <span className={classes.state} data-given={given}>
              {t(`setup.customers.${given ? 'agreed' : 'notAgreed'}`)}
            </span>
            <Button
              variant="default"
              aria-label={`${t(`setup.customers.${verb}`)}: ${name}`}
              aria-expanded={asked === kind}
              onClick={() => setAsked(asked === kind ? null : kind)}
            >
              {t(`setup.customers.${verb}`)}
            </Button>
            {asked === kind && (
              <form className={classes.note} onSubmit={save} noValidate>
                <Field
                  id="consent-note"
                  label={t('setup.customers.said')}
                  value={note}
                  maxLength={NOTE_MAX}
                  help={t('setup.customers.saidHelp')}
                  onChange={setNote}
                />
                <div className={setup.actions}>
                  <Button
                    type="submit"
                    disabled={note.trim().length < NOTE_MIN}
                    loading={customers.busy === 'consent'}
                  >
                    {t('setup.customers.writeDown')}
                  </Button>
                </div>
              </form>
            )}
          </div>
        );
      })}
      {file.consents.length === 0 ? (
        <p className={layout.help}>{t('setup.customers.nothingSaid')}</p>
      ) : (
        <ol className={classes.history}>
          {file.consents.map(({ at, purpose, given, how, source, by }) => (
            <li key={`${at}:${purpose}:${given}`}>
              <span className={classes.name}>
                {t(`setup.customers.purpose.${purpose}`)}:{' '}
                {t(`setup.customers.${given ? 'given' : 'withdrawn'}`)}
              </span>
              <span className={classes.numbers}>
                {[
                  moment(at),
                  by === null ? t(`setup.customers.how.${how}`) : t('setup.customers.how.by', { name: by }),
                  // A message's own id says nothing to anybody.
                  ...(how === 'whatsapp' ? [] : [source]),
                ].join(' · ')}
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
