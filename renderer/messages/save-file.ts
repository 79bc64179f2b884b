import type { ExportFile } from './export.ts';

/** Long enough for the browser to begin reading what it is to save. */
const KEPT_MS = 60_000;

/** Offers a file to be saved: the browser, or the app's own dialog, asks where. */
export function saveFile({ name, type, text }: ExportFile): void {
  save(name, new Blob([text], { type: `${type};charset=utf-8` }));
}

/** The same of one that is not text, in base64. */
export function saveBase64({ name, type, base64 }: { name: string; type: string; base64: string }): void {
  save(name, new Blob([Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))], { type }));
}

function save(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}
