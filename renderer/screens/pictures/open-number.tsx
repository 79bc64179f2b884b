import type { AuditFilter } from '../../../shared/audit/timeline.ts';
import classes from './pictures.module.css';

interface OpenNumberProps {
  readonly text: string;
  /** What it is the number of, and that it opens its events. */
  readonly label: string;
  /** Null: there is nothing to open. */
  readonly filter: AuditFilter | null;
  onOpen(filter: AuditFilter): void;
}

/** A number that shows the events it counts. */
export function OpenNumber({ text, label, filter, onOpen }: OpenNumberProps) {
  if (filter === null) return <span className={classes.plain}>{text}</span>;
  return (
    <button type="button" className={classes.number} aria-label={label} onClick={() => onOpen(filter)}>
      {text}
    </button>
  );
}
