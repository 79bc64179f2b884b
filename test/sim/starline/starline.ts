import { starLanguage } from '../mpop/asb.ts';
import type { VirtualLanguage } from '../mpop/model.ts';
import { StarLineParser } from './parser.ts';

/** A Star Line printer on the shared paper, status and ETB as in StarPRNT: new VirtualMpop({ clock, language: starLineLanguage() }). */
export const starLineLanguage = (): VirtualLanguage => starLanguage(new StarLineParser());
