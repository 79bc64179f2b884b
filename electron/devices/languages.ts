import type { PrinterLanguage } from '../../shared/device-config.ts';

const STAR = '0519';
/** Epson, and the makers of the chips in most printers that speak ESC/POS under many names. */
const ESC_POS_VENDORS = new Set([
  '04b8',
  '0416',
  '0483',
  '0fe6',
  '1fc9',
  '28e9',
  '6868',
  '20d1',
  '1504',
  '1d90',
  '0dd4',
]);
/** Star's models from before StarPRNT. */
const STAR_LINE_MODELS = /\b(TSP[678]\d\d|SP[57]\d\d|FVP10|HSP7000)/i;
const STAR_MODELS = /\b(star|mpop|mc-?print|tsp1\d\d|sm-[lst]\d\d\d)/i;
const ESC_POS_MODELS =
  /\b(epson|tm-[a-z]\d|bixolon|srp-|citizen|ct-[sd]\d|custom|xprinter|xp-\d|pos-?(58|80)|esc.?pos)/i;

/** A guess from the maker's number and whatever words there are; null where nothing points to one. */
export function guessLanguage(device: {
  vendorId: string;
  productId: string;
  words: string;
}): PrinterLanguage | null {
  const { vendorId, words } = device;
  if (vendorId === STAR || (vendorId === '' && STAR_MODELS.test(words)) || STAR_LINE_MODELS.test(words)) {
    return STAR_LINE_MODELS.test(words) ? 'star-line' : 'star-prnt';
  }
  return ESC_POS_VENDORS.has(vendorId) || ESC_POS_MODELS.test(words) ? 'esc-pos' : null;
}
