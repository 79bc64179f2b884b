import { Button, type ButtonProps, Menu } from '@mantine/core';
import { IconPrinter } from '@tabler/icons-react';
import { type ReactNode, useRef, useState } from 'react';
import { COPY_REASONS, type CopyReason } from '../../shared/bridge.ts';
import { useWords } from '../i18n/use-words.ts';
import { isStuck, type SlipView } from '../slips.ts';
import { useShortcuts } from '../state/hooks.ts';
import classes from './slip-button.module.css';

interface Props {
  readonly slip: SlipView;
  readonly busy: boolean;
  readonly size: NonNullable<ButtonProps['size']>;
  /** The key that prints, and where it is heard; none in a list. */
  readonly shortcut?: { readonly in?: 'panel'; readonly hint: ReactNode };
  readonly onPrint: (reason?: CopyReason) => void;
}

/** Prints a slip that did not print, else a copy; asks why where the policy wants to know. */
export function SlipButton({ slip, busy, size, shortcut, onPrint }: Props) {
  const { t } = useWords();
  const [asking, setAsking] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const first = useRef<HTMLButtonElement>(null);
  const stuck = isStuck(slip);
  const possible = (stuck || (slip.state === 'printed' && slip.copiesLeft > 0)) && !busy;
  const ask = () => {
    setAsking(true);
    // From here on no key goes elsewhere: Enter would take the redemption off the screen.
    button.current?.focus();
  };
  const press = () => (slip.reasonNeeded ? ask() : onPrint());
  const heard = possible && shortcut !== undefined ? press : undefined;
  useShortcuts([['F8', heard]], shortcut?.in);
  return (
    <Menu
      opened={asking}
      onChange={setAsking}
      disabled={!slip.reasonNeeded}
      position="bottom-end"
      transitionProps={{ onEntered: () => first.current?.focus() }}
    >
      <Menu.Target>
        <Button
          ref={button}
          size={size}
          variant={stuck ? 'filled' : 'default'}
          disabled={!possible}
          {...(shortcut === undefined ? {} : { 'aria-keyshortcuts': 'F8', rightSection: shortcut.hint })}
          leftSection={<IconPrinter size={18} aria-hidden />}
          onClick={slip.reasonNeeded ? undefined : () => onPrint()}
        >
          {slip.state === 'printing'
            ? t('result.printing')
            : stuck && !slip.reasonNeeded
              ? t('result.print')
              : t('result.copy')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('result.why')}</Menu.Label>
        {COPY_REASONS.map((reason, index) => (
          <Menu.Item
            key={reason}
            className={classes.reason ?? ''}
            ref={index === 0 ? first : null}
            onClick={() => onPrint(reason)}
          >
            {t(`result.reason.${reason}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
