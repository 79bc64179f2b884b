import { Button, Switch } from '@mantine/core';
import { type ClipboardEvent, useRef, useState } from 'react';
import type { GatewayState } from '../../shared/bridge.ts';
import { SaksiError, type WireError } from '../../shared/errors.ts';
import type { Asset, Currency } from '../../shared/money.ts';
import {
  type AmountCheck,
  checkAmount,
  fractionDigits,
  groupedText,
  partOf,
  pastedDigits,
  symbolOf,
  typedDigits,
} from '../amount/amount-input.ts';
import { Choice } from '../components/choice.tsx';
import { KeyHint } from '../components/key-hint.tsx';
import { Keypad } from '../components/keypad.tsx';
import { LineNotice } from '../components/line-notice.tsx';
import { Notice } from '../components/notice.tsx';
import type { ErrorContext } from '../i18n/error-sentence.ts';
import { useWords } from '../i18n/use-words.ts';
import { useActions, useCall, useSaksi, useSealedPossible, useShortcuts, useView } from '../state/hooks.ts';
import { EMPTY_DRAFT, type FoundCustomer } from '../state/store.ts';
import classes from './amount-step.module.css';
import layout from './layout.module.css';

const PARTS = [25, 50, 75, 100] as const;
/** No code can be sent. */
const LINE_DOWN: ReadonlySet<GatewayState> = new Set<GatewayState>(['offline', 'refused']);
const ASSETS = ['deposit', 'points'] as const;

function availableOf(customer: FoundCustomer, asset: Asset): number {
  return Math.max(0, customer.balances.find((balance) => balance.asset === asset)?.available ?? 0);
}

/** How much, from what; Enter sends the code. */
export function AmountStep({ customer }: { readonly customer: FoundCustomer }) {
  const { t, language, amount: amountText, ago } = useWords();
  const { till, status } = useView();
  const draft = useSaksi((state) => state.draft);
  const { setDraft } = useActions();
  const start = useCall('redemption.start');
  const field = useRef<HTMLInputElement>(null);
  const [slip, setSlip] = useState<'whole' | 'pastedWrong' | null>(null);
  const [replaceNext, setReplaceNext] = useState(false);

  const currency: Currency = till?.currency ?? 'IDR';
  const { asset, digits, drawer } = draft;
  const fraction = fractionDigits(asset, currency);
  const shown = groupedText(digits, fraction, language);
  const available = availableOf(customer, asset);
  const check = checkAmount(digits, available);
  const unit = asset === 'points' ? t('asset.unit') : symbolOf(currency, language);
  const sealed = useSealedPossible();
  const possible = sealed || !LINE_DOWN.has(status.gateway.state);

  const setDigits = (next: string, note: typeof slip = null) => {
    setDraft({ digits: next });
    setSlip(note);
    setReplaceNext(false);
    start.clear();
    field.current?.focus();
  };
  const type = (text: string) => {
    const typed = typedDigits(digits, text, shown);
    setDigits(typed.digits, typed.refused ? 'whole' : null);
  };
  const paste = (event: ClipboardEvent) => {
    event.preventDefault();
    const pasted = pastedDigits(event.clipboardData.getData('text/plain'), fraction);
    setDigits(pasted ?? digits, pasted === null ? 'pastedWrong' : null);
  };
  const takePart = (percent: number) => {
    const part = partOf(available, percent);
    setDigits(part === 0 ? '' : String(part));
    setReplaceNext(true);
    requestAnimationFrame(() => field.current?.select());
  };
  const setAsset = (next: Asset) => {
    setDraft({ asset: next });
    setDigits('');
  };
  const submit = () => {
    if (!check.ok || !possible) return field.current?.focus();
    void start.run({
      customerId: customer.id,
      asset,
      amount: check.amount,
      drawer: till?.drawerPolicy === 'on_request' ? drawer : till?.drawerPolicy === 'always',
    });
  };
  const other = () => setDraft({ ...EMPTY_DRAFT });
  useShortcuts([
    ['Escape', other],
    ['F2', other],
    ['F6', () => setAsset(asset === 'deposit' ? 'points' : 'deposit')],
  ]);

  return (
    <form
      className={layout.split}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <section className={layout.left}>
        <div className={`${classes.customer} ${layout.card}`}>
          <div className={classes.who}>
            <h1 className={layout.title}>{customer.name}</h1>
            <p className={layout.help}>
              {[customer.memberNo, customer.phoneMasked ?? t('redeem.noPhone')].filter(Boolean).join('  ·  ')}
            </p>
          </div>
          <Button variant="default" onClick={other} rightSection={<KeyHint>{t('key.esc')}</KeyHint>}>
            {t('redeem.otherCustomer')}
          </Button>
        </div>
        <Choice
          label={t('redeem.from')}
          value={asset}
          onChange={setAsset}
          options={ASSETS.map((value) => ({
            value,
            text: (
              <span className={classes.source}>
                <span>
                  {t(`asset.${value}`)}
                  {draft.ageMs !== null && ` · ${ago(draft.ageMs)}`}
                </span>
                <strong>{amountText(availableOf(customer, value), value, currency)}</strong>
              </span>
            ),
          }))}
        />
        <div className={`${classes.entry} ${layout.card}`}>
          <label className={classes.label} htmlFor="amount">
            {t('redeem.amountOf', {
              unit: asset === 'points' ? t('asset.unit') : symbolOf(currency, language),
            })}
          </label>
          <div className={classes.field}>
            <span className={classes.symbol} aria-hidden="true">
              {unit}
            </span>
            <input
              id="amount"
              ref={field}
              className={classes.amount}
              type="text"
              inputMode="numeric"
              autoComplete="off"
              placeholder="0"
              value={shown}
              aria-invalid={!check.ok && check.problem !== 'empty'}
              aria-describedby="amount-note"
              // biome-ignore lint/a11y/noAutofocus: the field that this step is for
              autoFocus
              onChange={(event) => type(event.target.value)}
              onPaste={paste}
            />
          </div>
          <AmountNote check={check} slip={slip} asset={asset} available={available} currency={currency} />
          {/* biome-ignore lint/a11y/useSemanticElements: a fieldset brings form semantics that this is not */}
          <div className={classes.parts} role="group" aria-label={t('redeem.parts')}>
            {PARTS.map((percent) => (
              <button
                key={percent}
                type="button"
                className={classes.part}
                disabled={available === 0}
                onClick={() => takePart(percent)}
              >
                {percent === 100 ? t('redeem.all') : `${percent} %`}
              </button>
            ))}
          </div>
        </div>
        <Trouble error={start.error} customer={customer} ageMs={draft.ageMs} context={{ asset, currency }} />
      </section>
      <section className={layout.right}>
        <Keypad
          onDigit={(digit) => type(replaceNext ? digit : shown + digit)}
          onBack={() => setDigits(replaceNext ? '' : digits.slice(0, -1))}
          onClear={() => setDigits('')}
        />
        {till?.drawerPolicy === 'on_request' && (
          <Switch
            size="md"
            className={classes.drawer ?? ''}
            checked={drawer}
            label={t('redeem.drawer')}
            onChange={(event) => setDraft({ drawer: event.currentTarget.checked })}
          />
        )}
        <Button
          type="submit"
          size="xl"
          className={classes.send ?? ''}
          disabled={!check.ok || !possible}
          loading={start.busy}
          rightSection={<KeyHint>{t('key.enter')}</KeyHint>}
        >
          {start.busy ? t('redeem.starting') : t(sealed ? 'redeem.startSealed' : 'redeem.start')}
        </Button>
      </section>
    </form>
  );
}

interface TroubleProps {
  readonly error: WireError | null;
  readonly customer: FoundCustomer;
  readonly ageMs: number | null;
  readonly context: ErrorContext;
}

/** The one thing that matters most of what stands in the way. */
function Trouble({ error: refusal, customer, ageMs, context }: TroubleProps) {
  const { error } = useWords();
  const { state } = useView().status.gateway;
  if (refusal !== null) {
    return (
      <Notice tone="bad" urgent>
        {error(refusal, context)}
      </Notice>
    );
  }
  if (!LINE_DOWN.has(state) && ageMs === null && !customer.canReceiveCode) {
    return <Notice tone="wait">{error(new SaksiError('customer_without_phone').toWire())}</Notice>;
  }
  // How old the balances are stands beside each of them.
  return <LineNotice />;
}

interface AmountNoteProps {
  readonly check: AmountCheck;
  readonly slip: 'whole' | 'pastedWrong' | null;
  readonly asset: Asset;
  readonly available: number;
  readonly currency: Currency;
}

/** What is left afterwards, or what is wrong with the amount: checked while it is typed. */
function AmountNote({ check, slip, asset, available, currency }: AmountNoteProps) {
  const { t, amount } = useWords();
  const problem = check.ok ? null : check.problem;
  const bad = problem === 'above_balance' || problem === 'too_large' || slip !== null;
  const text = () => {
    if (slip !== null) return t(`redeem.${slip}`);
    if (available === 0) return t('redeem.nothing');
    if (problem === 'above_balance')
      return t('redeem.above', { available: amount(available, asset, currency) });
    if (problem === 'too_large') return t('redeem.tooLarge');
    const rest = check.ok ? check.rest : available;
    return `${check.ok ? t('redeem.rest') : t('redeem.available')}: ${amount(rest, asset, currency)}`;
  };
  return (
    <p id="amount-note" className={classes.note} data-bad={bad} role="status">
      {text()}
    </p>
  );
}
