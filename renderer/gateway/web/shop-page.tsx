import { Button } from '@mantine/core';
import { IconDeviceDesktop, IconHistory, IconUser } from '@tabler/icons-react';
import { type ReactNode, type SyntheticEvent, useEffect, useState } from 'react';
import type { WireError } from '../../../shared/errors.ts';
import { DANGERS, type Danger } from '../../../shared/policy-danger.ts';
import type { ShopDesk } from '../../../shared/shop-desk.ts';
import { Loading, NotLoaded } from '../../components/answer-states.tsx';
import { Field } from '../../components/field.tsx';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import layout from '../../screens/layout.module.css';
import type { Answer } from '../call.ts';
import setup from '../setup.module.css';
import type { ShopApi } from './shop-api.ts';
import { SureButton } from './sure-button.tsx';
import classes from './web.module.css';

type Part = 'tills' | 'people';
/** What is shown once: a pairing code, or the word that somebody sends. */
interface Told {
  readonly part: Part;
  readonly name: string;
  readonly text: string;
  readonly until: number;
}

interface ShopPageProps {
  readonly api: ShopApi;
  readonly storeId: string;
  readonly onEnded: (error: WireError) => void;
}

/** Tills and cashiers, who is who, and how the rules came to be. */
export function ShopPage({ api, storeId, onEnded }: ShopPageProps) {
  const { t } = useWords();
  const [desk, setDesk] = useState<ShopDesk | null>(null);
  const [failed, setFailed] = useState<{ part: Part | null; error: WireError } | null>(null);
  const [busy, setBusy] = useState<Part | null>(null);
  const [told, setTold] = useState<Told | null>(null);

  const ask = async <T,>(part: Part | null, question: Promise<Answer<T>>): Promise<T | null> => {
    setBusy(part);
    setFailed(null);
    setTold(null);
    const answer = await question;
    setBusy(null);
    if (answer.ok) return answer.value;
    if (answer.error.code === 'web_session_ended') onEnded(answer.error);
    setFailed({ part, error: answer.error });
    return null;
  };
  const load = async () => {
    const read = await ask(null, api.desk(storeId));
    if (read !== null) setDesk(read);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each store
  useEffect(() => {
    void load();
  }, [storeId]);

  if (desk === null) {
    return failed === null ? (
      <Loading text={t('web.shop.loading')} />
    ) : (
      <NotLoaded text={t('web.shop.notLoaded')} error={failed.error} onRetry={() => void load()} />
    );
  }
  const shared = { api, storeId, desk, busy, told, failed, ask, setDesk, setTold };
  return (
    <div className={classes.account}>
      <h1 className={layout.title}>{t('web.shop.title')}</h1>
      <div className={classes.parts}>
        <Tills {...shared} />
        <People {...shared} />
        <History rules={desk.rules} />
      </div>
    </div>
  );
}

interface PartProps {
  readonly api: ShopApi;
  readonly storeId: string;
  readonly desk: ShopDesk;
  readonly busy: Part | null;
  readonly told: Told | null;
  readonly failed: { readonly part: Part | null; readonly error: WireError } | null;
  ask<T>(part: Part, question: Promise<Answer<T>>): Promise<T | null>;
  setDesk(desk: ShopDesk): void;
  setTold(told: Told): void;
}

function Card({
  title,
  part,
  failed,
  told,
  children,
}: Partial<Pick<PartProps, 'failed' | 'told'>> & { title: string; part?: Part; children: ReactNode }) {
  const { t, error, time } = useWords();
  return (
    <section className={`${layout.card} ${classes.part}`} aria-label={title}>
      <h2>{title}</h2>
      {failed != null && failed.part === part && (
        <Notice tone="bad" urgent>
          {error(failed.error)}
        </Notice>
      )}
      {told != null && told.part === part && (
        <Notice tone="good" urgent>
          {t(part === 'tills' ? 'web.shop.pairingOf' : 'web.shop.wordOf', {
            name: told.name,
            time: time(told.until),
          })}
          <code className={setup.value}>{told.text}</code>
        </Notice>
      )}
      {children}
    </section>
  );
}

function Tills({ api, storeId, desk, busy, told, failed, ask, setDesk, setTold }: PartProps) {
  const { t } = useWords();
  const [name, setName] = useState('');
  const paired = async (of: string, question: ReturnType<ShopApi['addTill']>) => {
    const made = await ask('tills', question);
    if (made === null) return;
    setDesk(made.desk);
    setTold({ part: 'tills', name: of, text: made.pairingCode, until: made.expiresAt });
    setName('');
  };
  const revoke = async (tillId: string) => {
    const after = await ask('tills', api.revokeTill(storeId, tillId));
    if (after !== null) setDesk(after);
  };
  const add = (event: SyntheticEvent) => {
    event.preventDefault();
    if (name.trim() !== '' && busy === null) void paired(name.trim(), api.addTill(storeId, name.trim()));
  };
  return (
    <Card title={t('web.shop.tills')} part="tills" {...{ told, failed }}>
      <ul className={classes.rows}>
        {desk.tills.map(({ id, name: of, state, appVersion }) => (
          <li key={id}>
            <IconDeviceDesktop size={20} aria-hidden />
            <span>
              <strong>{of}</strong>
              <span className={layout.help}>
                {t(`web.shop.till.${state}`, { version: appVersion ?? '' })}
              </span>
            </span>
            {state !== 'revoked' && (
              <span className={classes.actions}>
                {state === 'waiting' && (
                  <Button
                    variant="default"
                    disabled={busy === 'tills'}
                    aria-label={`${t('web.shop.code')}: ${of}`}
                    onClick={() => void paired(of, api.pairTill(storeId, id))}
                  >
                    {t('web.shop.code')}
                  </Button>
                )}
                <SureButton
                  word={t('web.shop.revoke')}
                  of={of}
                  busy={busy === 'tills'}
                  onSure={() => void revoke(id)}
                />
              </span>
            )}
          </li>
        ))}
      </ul>
      <form className={setup.form} onSubmit={add}>
        <Field id="till-name" label={t('web.shop.newTill')} value={name} maxLength={120} onChange={setName} />
        <Button type="submit" disabled={name.trim() === ''} loading={busy === 'tills'}>
          {t('web.shop.addTill')}
        </Button>
      </form>
    </Card>
  );
}

const NOBODY = { name: '', pin: '', phone: '' };

function People({ api, storeId, desk, busy, told, failed, ask, setDesk, setTold }: PartProps) {
  const { t } = useWords();
  const [typed, setTyped] = useState(NOBODY);
  const ready = typed.name.trim() !== '' && /^\d{4,8}$/.test(typed.pin);
  const then = async (question: Promise<Answer<ShopDesk>>): Promise<boolean> => {
    const after = await ask('people', question);
    if (after !== null) setDesk(after);
    return after !== null;
  };
  const enrol = async (staffId: string, name: string) => {
    const made = await ask('people', api.enrol(storeId, staffId));
    if (made !== null) setTold({ part: 'people', name, text: made.word, until: made.expiresAt });
  };
  const add = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (!ready || busy !== null) return;
    const phone = typed.phone.trim();
    const cashier = { name: typed.name.trim(), pin: typed.pin, phone: phone === '' ? null : phone };
    if (await then(api.addCashier(storeId, cashier))) setTyped(NOBODY);
  };
  return (
    <Card title={t('web.shop.people')} part="people" {...{ told, failed }}>
      <ul className={classes.rows}>
        {desk.people.map(({ id, name, role, phone, verified }) => (
          <li key={id}>
            <IconUser size={20} aria-hidden />
            <span>
              <strong>{name}</strong>
              <span className={layout.help}>
                {t(`role.${role}`)} ·{' '}
                {phone === null && !verified
                  ? t('web.shop.noPhone')
                  : `${phone ?? 'WhatsApp'} ${verified ? t('web.shop.verified') : t('web.shop.unverified')}`}
              </span>
            </span>
            <span className={classes.actions}>
              {role === 'cashier' && !verified && (
                <Button
                  variant="default"
                  disabled={busy === 'people'}
                  aria-label={`${t('web.shop.enrol')}: ${name}`}
                  onClick={() => void enrol(id, name)}
                >
                  {t('web.shop.enrol')}
                </Button>
              )}
              {verified && (
                <SureButton
                  word={t('web.shop.forget')}
                  of={name}
                  busy={busy === 'people'}
                  onSure={() => void then(api.forget(storeId, id))}
                />
              )}
              {role === 'cashier' && (
                <SureButton
                  word={t('web.shop.leave')}
                  of={name}
                  busy={busy === 'people'}
                  onSure={() => void then(api.removeCashier(storeId, id))}
                />
              )}
            </span>
          </li>
        ))}
      </ul>
      <p className={layout.help}>{t('web.shop.peopleHelp')}</p>
      <form className={setup.form} onSubmit={add}>
        <Field
          id="cashier-name"
          label={t('web.shop.newCashier')}
          value={typed.name}
          maxLength={120}
          onChange={(name) => setTyped({ ...typed, name })}
        />
        <Field
          id="cashier-pin"
          label={t('web.shop.pin')}
          value={typed.pin}
          help={t('web.shop.pinHelp')}
          maxLength={8}
          password
          numeric
          autoComplete="new-password"
          onChange={(pin) => setTyped({ ...typed, pin: pin.replace(/\D/g, '') })}
        />
        <Field
          id="cashier-phone"
          label={t('web.shop.phone')}
          value={typed.phone}
          maxLength={32}
          onChange={(phone) => setTyped({ ...typed, phone })}
        />
        <Button type="submit" disabled={!ready} loading={busy === 'people'}>
          {t('web.shop.addCashier')}
        </Button>
      </form>
    </Card>
  );
}

function History({ rules }: { readonly rules: ShopDesk['rules'] }) {
  const { t, moment } = useWords();
  const nameOf = (part: string) =>
    (DANGERS as readonly string[]).includes(part)
      ? t(`rules.danger.${part as Danger}`)
      : t(`web.shop.part.${part}`, { defaultValue: part });
  return (
    <Card title={t('web.shop.rules')}>
      <ul className={classes.rows}>
        {rules.map(({ version, at, by, second, changed, weaker }) => (
          <li key={version}>
            <IconHistory size={20} aria-hidden />
            <span>
              <strong>{t('web.shop.version', { version, moment: moment(at) })}</strong>
              <span className={layout.help}>
                {by ?? t('web.shop.operator')}
                {second !== null && ` · ${t('web.shop.agreed', { name: second })}`}
              </span>
              <span>{changed === null ? t('web.shop.firstRules') : changed.map(nameOf).join(', ')}</span>
              {weaker.length > 0 && (
                <span className={classes.weaker}>
                  {t('web.shop.weaker', { parts: weaker.map(nameOf).join(', ') })}
                </span>
              )}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
