import type { LoggedMessage } from '../../../shared/message-log.ts';
import { useWords } from '../../i18n/use-words.ts';
import layout from '../layout.module.css';
import { costText } from './cost-text.ts';
import classes from './messages.module.css';

/** One message: who it was for, who caused it, and how far it came, step by step. */
export function MessageDetail({ message }: { readonly message: LoggedMessage }) {
  const words = useWords();
  const { t, momentToTheSecond } = words;
  const facts = [
    ['to', [message.recipient, message.phoneMasked].filter(Boolean).join(' · ')],
    ['causedBy', message.causedBy],
    ['till', message.tillName],
    ['sale', message.saleRef],
    ['template', message.channel === 'whatsapp' ? message.template : t(`channels.name.${message.channel}`)],
    ['attempts', message.attempts > 1 ? String(message.attempts) : null],
  ] as const;
  const cost = costText(message.cost, words);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reachable by keyboard
    <section className={`${layout.card} ${classes.detail}`} tabIndex={0} aria-label={t('messages.detail')}>
      <h2 className={classes.detailTitle}>{t(`messages.kind.${message.kind}`)}</h2>
      <p className={classes.state} data-state={message.state}>
        {t(`messages.states.${message.state}`)}
      </p>
      {message.reason !== null && <p className={classes.reason}>{t(`delivery.reason.${message.reason}`)}</p>}
      <dl className={classes.facts}>
        {facts.map(([name, value]) =>
          value === null || value === '' ? null : (
            <div key={name}>
              <dt>{t(`messages.fact.${name}`)}</dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
        {cost !== null && (
          <div>
            <dt>{t('messageCost.label')}</dt>
            <dd>{cost}</dd>
          </div>
        )}
      </dl>
      <h3 className={classes.stepsTitle}>{t('messages.steps')}</h3>
      <ol className={classes.steps}>
        <li>
          <span>{t('messages.states.queued')}</span>
          <time>{momentToTheSecond(message.at)}</time>
        </li>
        {message.history.map(({ state, at, code }) => (
          <li key={state}>
            <span>
              {t(`messages.states.${state}`)}
              {code !== null && ` (${code})`}
            </span>
            <time>{momentToTheSecond(at)}</time>
          </li>
        ))}
      </ol>
    </section>
  );
}
