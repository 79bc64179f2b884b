/** Draws the phones and keeps them up to date. Text from messages is only ever set as text. */
const TOAST_MS = 2500;
const SWITCHES = [
  ['online', 'Online'],
  ['onWhatsApp', 'On WhatsApp'],
  ['blocked', 'Has blocked the shop'],
  ['readReceipts', 'Read receipts'],
  ['hidesNumber', 'Hides the number'],
];
const TICKS = {
  sent: ['✓', 'sent'],
  delivered: ['✓✓', 'delivered'],
  read: ['✓✓', 'read'],
};

const byId = (id) => document.getElementById(id);
const phonesElement = byId('phones');
/** @type {Map<string, {element: HTMLElement, drawn: string}>} */
const drawnPhones = new Map();
let business = '';
let toastTimer;

async function call(method, path, body) {
  const answer = await fetch(path, {
    method,
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const json = await answer.json();
  if (!answer.ok)
    throw new Error(json.error?.error_data?.details ?? json.error?.message ?? 'That did not work.');
  return json;
}

function toast(text) {
  clearTimeout(toastTimer);
  byId('toast').textContent = text;
  toastTimer = setTimeout(() => {
    byId('toast').textContent = '';
  }, TOAST_MS);
}

function attempt(work) {
  work().catch((error) => toast(error.message));
}

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

/** WhatsApp writes *bold* with stars. */
function makeBody(text) {
  const element = make('p', 'body');
  for (const [index, part] of text.split(/\*([^*\n]+)\*/).entries()) {
    element.append(index % 2 === 1 ? make('strong', '', part) : part);
  }
  return element;
}

async function copyCode(code) {
  await navigator.clipboard.writeText(code);
  toast(`Code ${code} copied`);
}

function makeMeta(message) {
  const meta = make('p', 'meta');
  const time = make(
    'time',
    '',
    new Date(message.at_ms).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
  );
  time.dateTime = new Date(message.at_ms).toISOString();
  meta.append(time);
  const [ticks, words] = TICKS[message.state] ?? [];
  if (ticks && message.direction === 'to_phone') {
    const mark = make('span', message.state === 'read' ? 'read' : '', ` ${ticks}`);
    mark.title = `What the shop sees: ${words}`;
    mark.role = 'img';
    mark.ariaLabel = words;
    meta.append(mark);
  }
  return meta;
}

function makeBubble(phone, message) {
  const own = message.direction === 'from_phone';
  const element = make('div', own ? 'bubble own' : 'bubble');
  element.dataset.wamid = message.wamid;
  if (message.language) element.lang = message.language.replace('_', '-');
  element.append(makeBody(message.body));
  if (message.footer) element.append(make('p', 'footer', message.footer));
  element.append(makeMeta(message));
  for (const [index, button] of message.buttons.entries()) {
    const tap = make('button', button.kind, button.label);
    tap.type = 'button';
    tap.onclick = () =>
      attempt(() =>
        button.kind === 'copy_code'
          ? copyCode(button.code)
          : call('POST', `/_sim/phones/${phone.number}/reply`, { button: index, wamid: message.wamid }),
      );
    element.append(tap);
  }
  return element;
}

function makePhone(phone) {
  const element = byId('phone').content.firstElementChild.cloneNode(true);
  const $ = (selector) => element.querySelector(selector);
  element.dataset.number = phone.number;
  // A scroller must be reachable by keyboard.
  $('.chat').tabIndex = 0;
  $('.chat').ariaLabel = `Messages to ${phone.name}`;
  for (const [key, label] of SWITCHES) {
    const box = document.createElement('input');
    box.type = 'checkbox';
    box.name = key;
    box.onchange = () => attempt(() => call('PATCH', `/_sim/phones/${phone.number}`, { [key]: box.checked }));
    const row = make('label');
    row.append(box, label);
    $('.switches').append(row);
  }
  $('.write').onsubmit = (event) => {
    event.preventDefault();
    const { text } = event.target.elements;
    if (text.value.trim() === '') return;
    attempt(async () => {
      await call('POST', `/_sim/phones/${phone.number}/reply`, { text: text.value });
      text.value = '';
    });
  };
  return element;
}

function fillPhone(element, phone) {
  const $ = (selector) => element.querySelector(selector);
  element.ariaLabel = `Phone of ${phone.name}`;
  $('h2').textContent = phone.name;
  $('.number').textContent = `+${phone.number}`;
  $('.business').textContent = business;
  $('.avatar').textContent = business.slice(0, 1);
  for (const box of element.querySelectorAll('.switches input')) box.checked = phone[box.name];
  const chat = $('.chat');
  const drawn = new Map([...chat.children].map((it) => [it.dataset.wamid, it]));
  for (const message of phone.messages) {
    // A bubble stays where it is, so that a focused button keeps the focus; only its time and ticks change.
    const bubble = drawn.get(message.wamid);
    drawn.delete(message.wamid);
    if (bubble === undefined) chat.append(makeBubble(phone, message));
    else bubble.querySelector('.meta').replaceWith(makeMeta(message));
  }
  for (const gone of drawn.values()) gone.remove();
  chat.scrollTop = chat.scrollHeight;
  const waiting = $('.waiting');
  waiting.hidden = phone.waiting === 0;
  waiting.textContent = `${phone.waiting} waiting until the phone is online`;
}

async function refresh() {
  const { business_name: name, phones } = await call('GET', '/_sim/state');
  business = name;
  document.title = `Simulated WhatsApp: ${name}`;
  for (const [number, { element }] of drawnPhones) {
    if (phones.some((it) => it.number === number)) continue;
    element.remove();
    drawnPhones.delete(number);
  }
  for (const phone of phones) {
    const drawn = drawnPhones.get(phone.number) ?? { element: makePhone(phone), drawn: '' };
    if (!drawnPhones.has(phone.number)) phonesElement.append(drawn.element);
    drawnPhones.set(phone.number, drawn);
    const now = JSON.stringify([name, phone]);
    if (drawn.drawn !== now) fillPhone(drawn.element, phone);
    drawn.drawn = now;
  }
  byId('empty').hidden = phones.length > 0;
  phonesElement.hidden = phones.length === 0;
}

/** One refresh at a time, and one more when something changed meanwhile. */
let refreshing = false;
let again = false;
async function refreshSoon() {
  again = true;
  if (refreshing) return;
  refreshing = true;
  while (again) {
    again = false;
    await refresh().catch((error) => toast(error.message));
  }
  refreshing = false;
}

byId('add').onsubmit = (event) => {
  event.preventDefault();
  const form = event.target;
  const { name, number } = form.elements;
  attempt(async () => {
    await call('POST', '/_sim/phones', { name: name.value, number: number.value });
    form.reset();
  });
};

const events = new EventSource('/_sim/events');
events.addEventListener('changed', refreshSoon);
events.onopen = () => {
  byId('link').textContent = 'Live';
  byId('link').className = 'link';
};
events.onerror = () => {
  byId('link').textContent = 'Connection lost, trying again…';
  byId('link').className = 'link lost';
};
