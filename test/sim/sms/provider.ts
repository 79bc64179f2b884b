/** An SMS provider with the form of Twilio's Messages resource: takes texts, refuses them when told to, and reports, signed. */
import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadPreset } from '../../../cloud/channels/sms-http/form.ts';

export const SMS_ACCOUNT = { accountSid: 'AC1', authToken: 'provider-secret', from: '+15550001111' } as const;

export interface ProvidedText {
  readonly to: string;
  readonly text: string;
  /** Where to report; empty: nowhere. */
  readonly callback: string;
}

export class VirtualSmsProvider {
  readonly #server: Server;
  readonly texts: ProvidedText[] = [];
  /** Answers to the next requests, before it takes texts again. */
  readonly refusals: { readonly status: number; readonly code: number }[] = [];
  asked = 0;
  /** It answers when this resolves. */
  held: Promise<void> = Promise.resolve();

  constructor() {
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const fields = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
      this.asked += 1;
      await this.held;
      const refusal = this.refusals.shift();
      const sid = `SM${this.asked}`;
      response.writeHead(refusal?.status ?? 201, { 'content-type': 'application/json' });
      response.end(JSON.stringify(refusal ?? { sid, status: 'queued' }));
      if (refusal !== undefined) return;
      const field = (name: string) => fields.get(name) ?? '';
      this.texts.push({ to: field('To'), text: field('Body'), callback: field('StatusCallback') });
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What `channels set` takes to send here. */
  async settings(publicUrl?: string) {
    const preset = loadPreset('twilio');
    const { port } = this.#server.address() as AddressInfo;
    const url = preset.request.url.replace('https://api.twilio.com', `http://127.0.0.1:${port}`);
    const form = { ...preset, request: { ...preset.request, url } };
    const reports = publicUrl === undefined ? {} : { publicUrl };
    return JSON.parse(JSON.stringify({ via: 'http', form, values: SMS_ACCOUNT, ...reports }));
  }

  /** Reports about a text as the provider does. @returns the status of the answer */
  async report(text: ProvidedText, fields: Record<string, string>, secret: string = SMS_ACCOUNT.authToken) {
    const sorted = Object.entries(fields).sort(([one], [other]) => (one < other ? -1 : 1));
    const signature = createHmac('sha1', secret)
      .update(text.callback + sorted.flat().join(''))
      .digest('base64');
    const headers = { 'x-twilio-signature': signature };
    const answer = await fetch(text.callback, { method: 'POST', headers, body: new URLSearchParams(fields) });
    return answer.status;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
