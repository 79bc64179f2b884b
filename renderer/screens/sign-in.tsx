import { Button } from '@mantine/core';
import { IconLock, IconUserOff } from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { TillView } from '../../shared/bridge.ts';
import { KeyHint } from '../components/key-hint.tsx';
import { Keypad } from '../components/keypad.tsx';
import { Notice } from '../components/notice.tsx';
import { useWords } from '../i18n/use-words.ts';
import { isPinComplete, typedPin } from '../pin/pin-input.ts';
import { clockText } from '../state/countdown.ts';
import { useCall, useSecondsLeft, useView } from '../state/hooks.ts';
import layout from './layout.module.css';
import { LoginCode } from './login-code.tsx';
import classes from './sign-in.module.css';

type StaffMember = TillView['staff'][number];

/** Who is at the till, their PIN, and where policy asks for one the code on their phone. */
export function SignIn() {
  const { login, staff } = useView();
  // Kept here: whoever comes back from the code finds their name chosen.
  const [chosenId, setChosenId] = useState(staff.length === 1 ? staff[0]?.id : undefined);
  if (login !== null) return <LoginCode key={login.staffId} login={login} />;
  return <PinSignIn chosenId={chosenId} onChoose={setChosenId} />;
}

interface PinSignInProps {
  readonly chosenId: string | undefined;
  onChoose(staffId: string): void;
}

function PinSignIn({ chosenId, onChoose }: PinSignInProps) {
  const { t, error } = useWords();
  const { staff, redemption } = useView();
  const [pin, setPin] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const signIn = useCall('session.signIn');

  const chosen = staff.find(({ id }) => id === chosenId) ?? null;
  const lockedSeconds = useSecondsLeft(chosen?.lockedForMs ?? null) ?? 0;
  const ready = chosen !== null && lockedSeconds === 0 && isPinComplete(pin) && !signIn.busy;

  // Once the field is enabled; again when a lock has ended.
  const locked = lockedSeconds > 0;
  useEffect(() => {
    if (chosenId !== undefined && !locked) field.current?.focus();
  }, [chosenId, locked]);

  const choose = (member: StaffMember) => {
    onChoose(member.id);
    setPin('');
    signIn.clear();
  };
  const type = (text: string) => {
    setPin(typedPin(text));
    signIn.clear();
  };
  const submit = async () => {
    if (!ready) return;
    await signIn.run({ staffId: chosen.id, pin });
    setPin('');
    field.current?.focus();
  };

  return (
    <form
      className={layout.split}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <section className={layout.left}>
        <h1 className={layout.title}>{t('signIn.title')}</h1>
        {redemption !== null && <Notice tone="wait">{t('signIn.openRedemption')}</Notice>}
        {staff.length === 0 ? (
          <div className={layout.empty}>
            <IconUserOff size={40} aria-hidden />
            <p>{t('signIn.empty')}</p>
          </div>
        ) : (
          <StaffTiles
            staff={staff}
            chosenId={chosenId}
            onChoose={choose}
            onDigit={() => field.current?.focus()}
          />
        )}
        {staff.length > 0 && <p className={layout.help}>{t('signIn.keys')}</p>}
      </section>
      <section className={layout.right}>
        <label className={classes.pinLabel} htmlFor="pin">
          {chosen === null ? t('signIn.choose') : t('signIn.pinOf', { name: chosen.name })}
        </label>
        <input
          id="pin"
          ref={field}
          className={classes.pin}
          type="password"
          inputMode="numeric"
          autoComplete="off"
          value={pin}
          disabled={chosen === null || locked}
          aria-describedby="pin-help"
          aria-invalid={signIn.error !== null}
          onChange={(event) => type(event.target.value)}
        />
        <div id="pin-help" className={classes.help}>
          {locked ? (
            <Notice tone="wait">{t('signIn.lockedHelp', { time: clockText(lockedSeconds) })}</Notice>
          ) : signIn.error !== null ? (
            <Notice tone="bad" urgent>
              {error(signIn.error)}
            </Notice>
          ) : (
            <span className={layout.help}>{t('signIn.pinHelp')}</span>
          )}
        </div>
        {!locked && (
          <Keypad
            disabled={chosen === null}
            onDigit={(digit) => type(pin + digit)}
            onBack={() => type(pin.slice(0, -1))}
            onClear={() => type('')}
          />
        )}
        <Button type="submit" size="lg" disabled={!ready} rightSection={<KeyHint>{t('key.enter')}</KeyHint>}>
          {signIn.busy ? t('signIn.checking') : t('signIn.submit')}
        </Button>
      </section>
    </form>
  );
}

interface TilesProps {
  readonly staff: readonly StaffMember[];
  readonly chosenId: string | undefined;
  onChoose(member: StaffMember): void;
  /** A digit was typed on a tile: it belongs in the PIN. */
  onDigit(): void;
}

const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** Tiles as one stop in the tab order; arrows move, Enter or Space chooses and goes to the PIN. */
function StaffTiles({ staff, chosenId, onChoose, onDigit }: TilesProps) {
  const { t } = useWords();
  const [at, setAt] = useState(() =>
    Math.max(
      0,
      staff.findIndex(({ id }) => id === chosenId),
    ),
  );
  const tiles = useRef<(HTMLButtonElement | null)[]>([]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (/^\d$/.test(event.key) && chosenId !== undefined) return onDigit();
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = (at + step + staff.length) % staff.length;
    setAt(next);
    tiles.current[next]?.focus();
  };
  return (
    <div
      className={`${classes.tiles} ${layout.grow}`}
      role="radiogroup"
      aria-label={t('signIn.title')}
      onKeyDown={onKeyDown}
    >
      {staff.map((member, index) => (
        <StaffTile
          key={member.id}
          member={member}
          chosen={member.id === chosenId}
          tabIndex={index === at ? 0 : -1}
          autoFocus={index === at && chosenId === undefined}
          ref={(tile) => {
            tiles.current[index] = tile;
          }}
          onChoose={() => {
            setAt(index);
            onChoose(member);
          }}
        />
      ))}
    </div>
  );
}

interface TileProps {
  readonly member: StaffMember;
  readonly chosen: boolean;
  readonly tabIndex: number;
  readonly autoFocus: boolean;
  readonly ref: (tile: HTMLButtonElement | null) => void;
  onChoose(): void;
}

function StaffTile({ member, chosen, tabIndex, autoFocus, ref, onChoose }: TileProps) {
  const { t } = useWords();
  const locked = useSecondsLeft(member.lockedForMs) ?? 0;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a tile is a button that is one of a group
    <button
      ref={ref}
      type="button"
      role="radio"
      aria-checked={chosen}
      tabIndex={tabIndex}
      // biome-ignore lint/a11y/noAutofocus: choosing a name is the first thing to do here
      autoFocus={autoFocus}
      className={classes.tile}
      onClick={onChoose}
    >
      <span className={classes.initials} aria-hidden="true">
        {initials(member.name)}
      </span>
      <span className={classes.who}>
        <span className={classes.name}>{member.name}</span>
        <span className={classes.role}>
          {locked > 0 ? (
            <span className={classes.locked}>
              <IconLock size={15} aria-hidden /> {t('signIn.locked', { time: clockText(locked) })}
            </span>
          ) : (
            t(`role.${member.role}`)
          )}
        </span>
      </span>
    </button>
  );
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  return [words[0], words.length > 1 ? words.at(-1) : undefined]
    .map((word) => [...(word ?? '')][0] ?? '')
    .join('')
    .toUpperCase();
}
