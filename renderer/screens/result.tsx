import { Button } from '@mantine/core';
import { IconCircleCheckFilled, IconCircleXFilled, IconClockX, IconDeviceDesktop } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import type { CopyReason, RedemptionStage, RedemptionView } from '../../shared/bridge.ts';
import { KeyHint } from '../components/key-hint.tsx';
import { Notice, type Tone } from '../components/notice.tsx';
import { SlipButton } from '../components/slip-button.tsx';
import { useWords } from '../i18n/use-words.ts';
import { isStuck } from '../slips.ts';
import { useActions, useCall, useSaksi, useShortcuts, useView } from '../state/hooks.ts';
import { FINAL_STAGES } from '../state/screen.ts';
import { EMPTY_DRAFT } from '../state/store.ts';
import layout from './layout.module.css';
import { StartedByTerminal } from './redemption-summary.tsx';
import classes from './result.module.css';
import { ResultSteps } from './result-steps.tsx';

type ResultStage = Exclude<RedemptionStage, 'requesting' | 'awaiting_code' | 'awaiting_sealed' | 'checking'>;
type Look = { readonly icon: typeof IconCircleCheckFilled; readonly tone: Exclude<Tone, 'info'> };

const LOOK: Readonly<Record<ResultStage, Look>> = {
  acting: { icon: IconCircleCheckFilled, tone: 'good' },
  awaiting_capture: { icon: IconDeviceDesktop, tone: 'wait' },
  done: { icon: IconCircleCheckFilled, tone: 'good' },
  cancelled: { icon: IconCircleXFilled, tone: 'wait' },
  expired: { icon: IconClockX, tone: 'wait' },
  failed: { icon: IconCircleXFilled, tone: 'bad' },
};
/** Nothing was verified: the same can be tried once more. */
const REPEATABLE: ReadonlySet<RedemptionStage> = new Set<RedemptionStage>(['expired', 'failed']);
/** An Enter that was meant for the code must not sweep the result away. */
const ENTER_GUARD_MS = 700;

export function Result() {
  const { redemption } = useView();
  if (redemption === null) return null;
  const { stage } = redemption;
  if (!isResult(stage)) return null;
  return <ResultOf redemption={redemption} stage={stage} />;
}

function isResult(stage: RedemptionStage): stage is ResultStage {
  return stage in LOOK;
}

function ResultOf({
  redemption,
  stage,
}: {
  readonly redemption: RedemptionView;
  readonly stage: ResultStage;
}) {
  const { t, amount, error: sentence } = useWords();
  const { icon: Icon, tone } = LOOK[stage];
  const { asset, currency, customer, availableAfter, error } = redemption;
  const slipFailed = isStuck(redemption.slip);
  const verified = stage === 'acting' || stage === 'awaiting_capture' || stage === 'done';
  // Of a failed one the error says what happened, and whether anything was charged.
  const help =
    stage === 'failed' && error !== null
      ? null
      : stage === 'done' && slipFailed
        ? redemption.slip.goesOn
          ? t('result.help.done')
          : t('result.moneySafe')
        : t(`result.help.${stage}`);
  return (
    <div className={layout.split}>
      <section className={layout.left}>
        <div className={`${layout.card} ${layout.grow} ${classes.hero}`} data-tone={tone}>
          <div className={classes.headline}>
            <Icon size={58} aria-hidden className={classes.icon} />
            <div>
              <h1 aria-live="polite" className={classes.title}>
                {t(`result.stage.${stage}`)}
              </h1>
              <p className={layout.help}>{help}</p>
            </div>
          </div>
          <div className={classes.money} data-void={!verified}>
            <span className={classes.amount}>{amount(redemption.amount, asset, currency)}</span>
            <span className={classes.from}>
              {[t(`asset.${asset}`), customer?.name, `${t('summary.sale')} ${redemption.saleRef}`]
                .filter(Boolean)
                .join('  ·  ')}
            </span>
            {verified && availableAfter !== null && (
              <span className={classes.from}>
                {t('summary.rest')}: <strong>{amount(availableAfter, asset, currency)}</strong>
              </span>
            )}
          </div>
          {verified && redemption.sealed !== null && (
            <Notice tone="wait">
              <strong>{t('sealed.spent')}.</strong> {t('sealed.willSend')}
            </Notice>
          )}
          {verified && <ResultSteps redemption={redemption} />}
          {error !== null && (
            <Notice tone={stage === 'failed' ? 'bad' : 'wait'} urgent>
              {sentence(error, redemption)}
            </Notice>
          )}
        </div>
      </section>
      <section className={layout.right}>
        <StartedByTerminal redemption={redemption} />
        <div className={layout.grow} />
        {verified && <SlipActions redemption={redemption} />}
        {FINAL_STAGES.has(stage) && <WayOn redemption={redemption} />}
      </section>
    </div>
  );
}

/** Prints the slip for the first time where that failed, else a copy. */
function SlipActions({ redemption }: { readonly redemption: RedemptionView }) {
  const { t, error } = useWords();
  const { id, slip } = redemption;
  const reprint = useCall('redemption.reprint');
  const stuck = isStuck(slip);
  const print = (reason?: CopyReason) => void reprint.run({ redemptionId: id, ...(reason && { reason }) });
  if (redemption.stage === 'acting' && !stuck) return null;
  return (
    <div className={classes.slip}>
      {stuck && (
        <Notice tone="wait" urgent>
          {slip.error === null ? t('result.slip.failed') : error(slip.error)}
          {slip.goesOn && ` ${t('result.slip.goesOn')}`}
        </Notice>
      )}
      {reprint.error !== null && (
        <Notice tone="bad" urgent>
          {error(reprint.error)}
        </Notice>
      )}
      <SlipButton
        slip={slip}
        busy={reprint.busy}
        size="lg"
        shortcut={{ hint: <KeyHint>F8</KeyHint> }}
        onPrint={print}
      />
      {slip.state === 'printed' && (
        <span className={layout.help}>
          {slip.copiesLeft > 0 ? t('result.copies', { number: slip.copiesLeft }) : t('result.copiesNone')}
        </span>
      )}
    </div>
  );
}

/** Takes it off the screen: to the next customer, or back to what was typed for one more try. */
function WayOn({ redemption }: { readonly redemption: RedemptionView }) {
  const { t, error } = useWords();
  const { setDraft, goTo } = useActions();
  const dismiss = useCall('redemption.dismiss');
  const hasDraft = useSaksi((state) => state.draft.customer !== null);
  const appearedAt = useRef(performance.now());
  const main = useRef<HTMLButtonElement>(null);
  useEffect(() => main.current?.focus(), []);

  const own = redemption.startedBy === 'cashier';
  const repeatable = own && hasDraft && REPEATABLE.has(redemption.stage);
  const leave = async (keepDraft: boolean) => {
    if (performance.now() - appearedAt.current < ENTER_GUARD_MS) return;
    const result = await dismiss.run({ redemptionId: redemption.id });
    if (!result?.ok) return;
    if (own && !keepDraft) setDraft(EMPTY_DRAFT);
    goTo('redeem');
  };
  const next = () => void leave(false);
  useShortcuts([
    ['F2', next],
    ['Escape', next],
  ]);

  return (
    <div className={classes.on}>
      {dismiss.error !== null && (
        <Notice tone="bad" urgent>
          {error(dismiss.error)}
        </Notice>
      )}
      {repeatable && (
        <Button
          ref={main}
          className={classes.way ?? ''}
          rightSection={<KeyHint>{t('key.enter')}</KeyHint>}
          onClick={() => void leave(true)}
        >
          {t('result.again')}
        </Button>
      )}
      <Button
        ref={repeatable ? null : main}
        className={classes.way ?? ''}
        variant={repeatable ? 'default' : 'filled'}
        rightSection={<KeyHint>{repeatable ? 'F2' : t('key.enter')}</KeyHint>}
        onClick={next}
      >
        {t('result.next')}
      </Button>
    </div>
  );
}
