import { Button } from '@mantine/core';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import layout from '../layout.module.css';
import { costText } from './cost-text.ts';
import classes from './messages.module.css';
import type { Messages } from './use-messages.ts';

interface MessageListProps {
  readonly list: Extract<Messages, { state: 'shown' }>;
  readonly chosen: string;
  onChoose(id: string): void;
  onOlder(): void;
}

/** Newest first; the older ones by a button, so that the end of the list is where somebody wants it. */
export function MessageList({
  list: { messages, next, older },
  chosen,
  onChoose,
  onOlder,
}: MessageListProps) {
  const words = useWords();
  const { t, moment, error } = words;
  return (
    <div className={classes.list}>
      <p className={layout.hidden} role="status">
        {t('messages.count', { number: messages.length })}
      </p>
      <ul className={classes.rows}>
        {messages.map((message) => (
          <li key={message.id}>
            <button
              type="button"
              className={classes.row}
              aria-pressed={message.id === chosen}
              onClick={() => onChoose(message.id)}
            >
              <span className={classes.time}>{moment(message.at)}</span>
              <span className={classes.what}>
                <strong>{t(`messages.kind.${message.kind}`)}</strong>
                <span className={layout.muted}>
                  {[message.recipient, message.phoneMasked].filter(Boolean).join(' · ')}
                </span>
              </span>
              <span className={classes.end}>
                <span className={classes.state} data-state={message.state}>
                  {t(`messages.states.${message.state}`)}
                </span>
                <span className={layout.muted}>{costText(message.cost, words)}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      {typeof older === 'object' && (
        <Notice tone="bad" urgent>
          {error(older)}
        </Notice>
      )}
      {next !== null && (
        <Button className={classes.older} variant="default" loading={older === 'loading'} onClick={onOlder}>
          {t('messages.older')}
        </Button>
      )}
    </div>
  );
}
