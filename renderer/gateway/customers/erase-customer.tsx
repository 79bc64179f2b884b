import { Button } from '@mantine/core';
import { type SyntheticEvent, useState } from 'react';
import { Field } from '../../components/field.tsx';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import layout from '../../screens/layout.module.css';
import setup from '../setup.module.css';
import type { PaneProps } from './customer-pane.tsx';
import classes from './customers.module.css';

const NOTE_MIN = 3;
const NOTE_MAX = 200;
const PIN = /^\d{4,12}$/;
/** What a manager's word goes past. */
const OPEN = ['customer_has_open', 'customer_has_balance'];

/** Takes out what names the customer: on a note, and on a manager's PIN where something is still open. */
export function EraseCustomer({ customers, file }: PaneProps) {
  const { t, amount, error } = useWords();
  const [isOpen, setOpen] = useState(false);
  const [note, setNote] = useState('');
  const [forced, setForced] = useState(false);
  const [pin, setPin] = useState('');
  const { stores, storeId } = customers;
  const store = stores?.stores.find(({ id }) => id === storeId);
  const managers = store?.managers ?? [];
  const own = store?.staffId ?? null;
  const [managerId, setManagerId] = useState(own ?? managers[0]?.id ?? '');
  const failure = customers.failed?.what === 'erase' ? customers.failed.error : null;

  const erase = async (event: SyntheticEvent) => {
    event.preventDefault();
    const wish = { storeId, customer: { id: file.id }, note: note.trim() };
    const force = forced ? { force: { staffId: own ?? managerId, pin } } : {};
    setPin('');
    const erasure = await customers.ask('erase', async (api) => {
      const answer = await api.erase({ ...wish, ...force });
      if (!answer.ok && OPEN.includes(answer.error.code)) setForced(true);
      return answer;
    });
    if (erasure !== null) customers.setErased(erasure);
  };
  /** The balances as money and points, not as the bare numbers of the refusal. */
  const told = () => {
    if (failure?.code !== 'customer_has_balance') return failure;
    const { deposit, points } = failure.params;
    const params = {
      deposit: amount(Number(deposit), 'deposit', file.currency),
      points: amount(Number(points), 'points', file.currency),
    };
    return { ...failure, params };
  };
  const shown = told();
  const ready = note.trim().length >= NOTE_MIN && (!forced || (PIN.test(pin) && managerId !== ''));
  return (
    <section className={classes.part} aria-label={t('setup.customers.erase')}>
      <h2>{t('setup.customers.erase')}</h2>
      <p className={layout.help}>{t('setup.customers.eraseHelp')}</p>
      {!isOpen ? (
        <div className={setup.actions}>
          <Button variant="outline" color="var(--bad)" onClick={() => setOpen(true)}>
            {t('setup.customers.eraseBegin')}
          </Button>
        </div>
      ) : (
        <form className={setup.form} onSubmit={erase} noValidate>
          <Field
            id="erase-note"
            label={t('setup.customers.eraseNote')}
            value={note}
            maxLength={NOTE_MAX}
            help={t('setup.customers.saidHelp')}
            onChange={setNote}
          />
          {shown !== null && (
            <Notice tone={OPEN.includes(shown.code) ? 'wait' : 'bad'} urgent>
              {error(shown)}
            </Notice>
          )}
          {forced && (
            <>
              {own === null && (
                <div className={classes.store}>
                  <label htmlFor="manager">{t('role.manager')}</label>
                  <select
                    id="manager"
                    className={layout.control}
                    value={managerId}
                    onChange={(event) => setManagerId(event.target.value)}
                  >
                    {managers.map(({ id, name }) => (
                      <option key={id} value={id}>
                        {name}
                      </option>
                    ))}
                  </select>
                </div>
              )}
              <Field
                id="erase-pin"
                label={t('setup.customers.pin')}
                value={pin}
                numeric
                password
                maxLength={12}
                help={t('setup.customers.pinHelp')}
                onChange={(text) => setPin(text.replace(/\D/g, ''))}
              />
            </>
          )}
          <div className={setup.actions}>
            <Button variant="default" onClick={() => setOpen(false)}>
              {t('setup.customers.keep')}
            </Button>
            <Button type="submit" color="var(--bad)" disabled={!ready} loading={customers.busy === 'erase'}>
              {forced ? t('setup.customers.eraseForced') : t('setup.customers.eraseNow')}
            </Button>
          </div>
        </form>
      )}
    </section>
  );
}
