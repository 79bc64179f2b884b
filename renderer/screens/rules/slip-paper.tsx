import { useLayoutEffect, useRef } from 'react';
import { COLUMN_DOTS, type PreviewLine, type SlipPreview } from '../../../shared/slip-preview.ts';
import { useWords } from '../../i18n/use-words.ts';
import { inkOf } from '../../rules/logo-file.ts';
import classes from './slip-paper.module.css';

/** A slip as it comes out of the printer: its lines in the printer's columns, its dots dot for dot. */
export function SlipPaper({ columns, lines }: SlipPreview) {
  return (
    <div className={classes.paper} data-columns={columns}>
      {lines.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have nothing else, and are drawn anew as a whole
        <Line key={index} line={line} />
      ))}
    </div>
  );
}

function Line({ line }: { readonly line: PreviewLine }) {
  switch (line.kind) {
    case 'line':
      return (
        <div className={classes.line} data-bold={line.bold} data-size={line.size}>
          {' '.repeat(line.indent)}
          {line.text === '' ? '\u00a0' : <span data-invert={line.invert}>{line.text}</span>}
        </div>
      );
    case 'dots':
      return <DotsLine line={line} />;
    case 'feed':
      return Array.from({ length: line.lines }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: blank lines
        <div key={index} className={classes.line} aria-hidden>
          {'\u00a0'}
        </div>
      ));
    case 'cut':
      return <div className={classes.cut} aria-hidden />;
  }
}

function DotsLine({ line }: { readonly line: Extract<PreviewLine, { kind: 'dots' }> }) {
  const { t } = useWords();
  const canvas = useRef<HTMLCanvasElement>(null);
  const { data, width, height } = line;
  useLayoutEffect(() => {
    const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    const dots = { bytesPerRow: bytes.length / height, rows: height, data: bytes };
    canvas.current?.getContext('2d')?.putImageData(inkOf(dots, width), 0, 0);
  }, [data, width, height]);
  const name = line.what === 'text' ? line.text : t(`rules.slipDots.${line.what}`, { text: line.text });
  return (
    <canvas
      ref={canvas}
      className={classes.dots}
      role="img"
      aria-label={name}
      {...{ width, height }}
      style={{
        width: `calc(${width / COLUMN_DOTS} * 1ch)`,
        marginLeft: `calc(${line.left / COLUMN_DOTS} * 1ch)`,
      }}
    />
  );
}
