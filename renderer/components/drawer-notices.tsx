import { Button } from '@mantine/core';
import { type SyntheticEvent, useState } from 'react';
import type { TillView } from '../../shared/bridge.ts';
import { useWords } from '../i18n/use-words.ts';
import attention from '../screens/attention/attention.module.css';
import { useCall, useView } from '../state/hooks.ts';
import { Choice } from './choice.tsx';
import { Dialog, DialogButtons } from './dialog.tsx';
import { Field } from './field.tsx';
import { KeyHint } from './key-hint.tsx';
import { Notice } from './notice.tsx';
import classes from './trouble.module.css';

const PIN_DIGITS = { min: 4, max: 8 } as const;
const REASON_LETTERS = { min: 3, max: 280 } as const;
type Unexplained = TillView['drawerWatch']['unexplained'][number];

/** What the drawer's switch has told that somebody should see, over every screen. */
export function DrawerNotices() {
  const { t, moment } = useWords();
  const { drawerWatch } = useView();
  const { unexplained, openLong, fault } = drawerWatch;
  const [openingId, setOpeningId] = useState<string | null>(null);
  const first = unexplained[0];
  const asked = unexplained.find(({ id }) => id === openingId);
  if (first === undefined && !openLong && fault === null) return null;
  return (
    <div className={classes.banners}>
      {first !== undefined && (
        <Notice tone="bad" urgent>
          <div className={classes.banner}>
            <p>
              {t(`drawerWatch.unexplained.${first.seen}`, { time: moment(first.openedAt) })}{' '}
              {first.staffName !== null && t('drawerWatch.signedIn', { name: first.staffName })}{' '}
              {first.openMs === null
                ? t('drawerWatch.standsOpen')
                : t('drawerWatch.lasted', { seconds: Math.max(1, Math.round(first.openMs / 1000)) })}{' '}
              {unexplained.length > 1 && t('drawerWatch.more', { number: unexplained.length - 1 })}
            </p>
            <Button variant="default" onClick={() => setOpeningId(first.id)}>
              {t('drawerWatch.acknowledge')}
            </Button>
          </div>
        </Notice>
      )}
      {openLong && (
        <Notice tone="wait" urgent>
          <p>{t('drawerWatch.openLong')}</p>
        </Notice>
      )}
      {fault !== null && (
        <Notice tone="wait" urgent>
          <p>{t(`drawerWatch.fault.${fault}`)}</p>
        </Notice>
      )}
      {asked !== undefined && <Acknowledge opening={asked} onClose={() => setOpeningId(null)} />}
    </div>
  );
}

/** A manager says by PIN why it opened, whoever is signed in. */
function Acknowledge({ opening, onClose }: { readonly opening: Unexplained; onClose(): void }) {
  const { t, error } = useWords();
  const { staff, session } = useView();
  const managers = staff.filter(({ role }) => role === 'manager');
  const own = managers.find(({ id }) => id === session?.staffId) ?? managers[0];
  const [staffId, setStaffId] = useState(own?.id ?? '');
  const [reason, setReason] = useState('');
  const [pin, setPin] = useState('');
  const acknowledge = useCall('drawer.acknowledge');
  const ready = staffId !== '' && reason.trim().length >= REASON_LETTERS.min && pin.length >= PIN_DIGITS.min;
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (!ready) return;
    const result = await acknowledge.run({ openingId: opening.id, staffId, pin, reason: reason.trim() });
    setPin('');
    if (result?.ok) onClose();
  };
  return (
    <Dialog title={t('drawerWatch.title')} size={480} onClose={onClose}>
      <form className={attention.form} onSubmit={(event) => void submit(event)}>
        <p>{managers.length === 0 ? t('drawerWatch.nobody') : t('drawerWatch.help')}</p>
        {managers.length > 1 && (
          <Choice
            label={t('drawerWatch.manager')}
            value={staffId}
            options={managers.map(({ id, name }) => ({ value: id, text: name }))}
            onChange={setStaffId}
          />
        )}
        <Field
          id="drawer-reason"
          label={t('drawerWatch.reason')}
          value={reason}
          maxLength={REASON_LETTERS.max}
          autoFocus
          help={t('drawerWatch.reasonHelp')}
          onChange={setReason}
        />
        <Field
          id="drawer-pin"
          label={t('signIn.pinOf', { name: managers.find(({ id }) => id === staffId)?.name ?? '' })}
          value={pin}
          password
          numeric
          onChange={(text) => {
            setPin(text.replace(/\D/g, '').slice(0, PIN_DIGITS.max));
            acknowledge.clear();
          }}
        />
        {acknowledge.error !== null && (
          <Notice tone="bad" urgent>
            {error(acknowledge.error)}
          </Notice>
        )}
        <DialogButtons>
          <Button
            size="lg"
            variant="default"
            onClick={onClose}
            rightSection={<KeyHint>{t('key.esc')}</KeyHint>}
          >
            {t('attention.back')}
          </Button>
          <Button size="lg" type="submit" disabled={!ready} loading={acknowledge.busy}>
            {t('drawerWatch.acknowledge')}
          </Button>
        </DialogButtons>
      </form>
    </Dialog>
  );
}
