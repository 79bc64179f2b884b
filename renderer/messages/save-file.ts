import type { ExportFile } from './export.ts';

/** Long enough for the browser to begin reading what it is to save. */
const KEPT_MS = 60_000;

/** Offers a file to be saved: the browser, or the app's own dialog, asks where. */
export function saveFile({ name, type, text }: ExportFile): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}
