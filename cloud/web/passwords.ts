import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import * as common from '@zxcvbn-ts/language-common';
import { SaksiError } from '../../shared/errors.ts';
import { PASSWORD_MAX } from '../../shared/web-api.ts';

/** Of 0 to 4: from here on more than 10^8 guesses, beside the lock after a few and the code that follows. */
const SCORE_MIN = 3;

let estimator: ZxcvbnFactory | null = null;

/**
 * Whether anybody would guess it, by lists of what people choose and by patterns; no rules of composition (NIST SP 800-63B-4, section
 * 3.1.1.2). @param about what is known of its owner. @throws SaksiError web_password_weak
 */
export function checkStrength(password: string, about: readonly string[]): void {
  // Its word lists are only unpacked when somebody chooses a password.
  estimator ??= new ZxcvbnFactory({
    dictionary: common.dictionary,
    graphs: common.adjacencyGraphs,
    maxLength: PASSWORD_MAX,
  });
  const words = about.flatMap((text) => [text, ...text.split(/[\s@._-]+/)]).filter((word) => word.length > 2);
  const { score } = estimator.check(password, ['saksi', ...words]);
  if (score < SCORE_MIN) throw new SaksiError('web_password_weak');
}
