import type { FastifyInstance } from 'fastify';
import type { VirtualMpop } from './mpop.ts';
import { slipText } from './paper.ts';
import { drawSlip } from './slip-picture.ts';

/** What a person can do to the device, by the name in POST <prefix>/do/:action. */
const ACTIONS: Record<string, (mpop: VirtualMpop) => void> = {
  'open-drawer': (mpop) => mpop.openDrawerByHand(),
  'close-drawer': (mpop) => mpop.closeDrawer(),
  'jam-drawer': (mpop) => mpop.jamDrawer(true),
  'free-drawer': (mpop) => mpop.jamDrawer(false),
  'open-cover': (mpop) => mpop.openCover(),
  'close-cover': (mpop) => mpop.closeCover(),
  'remove-paper': (mpop) => mpop.removePaper(),
  refill: (mpop) => mpop.refill(),
  unplug: (mpop) => mpop.unplug(),
  plug: (mpop) => mpop.plug(),
  'power-cycle': (mpop) => mpop.powerCycle(),
};

/** Slips in one answer of GET <prefix>/state; older ones can still be fetched by number. */
const SLIPS_SHOWN = 20;

/**
 * A Fastify plugin: GET `<prefix>/` is a page that shows the drawer, the paper and the slips as pictures, with
 * buttons; GET `<prefix>/state` the same as JSON (`slips` newest first); GET `<prefix>/slips/:number.png` and
 * `.txt` one slip, from 1; POST `<prefix>/do/:action` a button.
 */
export function mpopPage({ mpop, label }: { mpop: VirtualMpop; label: string }) {
  return async (app: FastifyInstance): Promise<void> => {
    app.get('/', (_request, reply) => reply.type('text/html; charset=utf-8').send(PAGE));

    app.get('/state', () => ({
      label,
      ...mpop.state,
      drawerPulses: mpop.drawerPulses.length,
      errors: mpop.errors,
      slipCount: mpop.slips.length,
      slips: mpop.slips
        .slice(-SLIPS_SHOWN)
        .reverse()
        .map(({ number, elements }) => ({ number, text: slipText(elements) })),
    }));

    app.get<{ Params: { file: string } }>('/slips/:file', (request, reply) => {
      const [, number = '', kind] = /^(\d{1,6})\.(png|txt)$/.exec(request.params.file) ?? [];
      const slip = mpop.slips[Number(number) - 1];
      if (slip === undefined) return reply.code(404).send({ error: 'no such slip' });
      return kind === 'png'
        ? reply.type('image/png').send(drawSlip(slip.elements))
        : reply.type('text/plain; charset=utf-8').send(slipText(slip.elements).join('\n'));
    });

    app.post<{ Params: { action: string } }>('/do/:action', (request, reply) => {
      const action = Object.hasOwn(ACTIONS, request.params.action)
        ? ACTIONS[request.params.action]
        : undefined;
      if (action === undefined) return reply.code(404).send({ error: 'no such action' });
      action(mpop);
      return reply.code(204).send();
    });
  };
}

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Virtual mPOP</title>
<link rel="icon" href="data:,">
<style>
  :root { font: 16px/1.4 system-ui, sans-serif; color-scheme: light dark; }
  body { margin: 0 auto; padding: 1rem; max-width: 62rem; }
  h1 { font-size: 1.2rem; }
  .columns { display: flex; gap: 2rem; flex-wrap: wrap; align-items: flex-start; }
  .panel { flex: 1 1 18rem; }
  .paper { flex: 0 0 auto; display: grid; gap: 1rem; }
  .paper img { display: block; width: 288px; box-shadow: 0 1px 6px #0006; }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; }
  dt { opacity: .7; } dd { margin: 0; font-weight: 600; }
  .bad { color: #c92a2a; }
  .drawer { height: 4rem; margin: 1rem 0; border: 2px solid; border-radius: .4rem; position: relative; }
  .drawer div { position: absolute; inset: 25% 8% 25% 8%; border: 2px solid; border-radius: .3rem; display: grid; place-items: center; background: Canvas; transition: transform .2s; }
  .drawer.open div { transform: translateY(1.6rem); background: #2f9e44; color: white; }
  button { font: inherit; padding: .5rem .8rem; margin: .15rem; }
  pre { white-space: pre-wrap; }
</style>
<h1>Virtual mPOP <small id="label"></small></h1>
<div class="columns">
  <section class="panel">
    <div id="drawer" class="drawer"><div id="drawerText"></div></div>
    <dl id="facts"></dl>
    <p id="buttons"></p>
    <pre id="errors" class="bad"></pre>
  </section>
  <section class="paper" id="slips" aria-label="Slips"></section>
</div>
<script>
const BUTTONS = [['open-drawer','Open drawer by key'],['close-drawer','Close drawer'],['open-cover','Open cover'],['close-cover','Close cover'],['remove-paper','Remove paper'],['refill','Put in a new roll'],['unplug','Unplug'],['plug','Plug in'],['jam-drawer','Jam drawer'],['free-drawer','Free drawer'],['power-cycle','Off and on']];
const at = location.pathname.endsWith('/') ? location.pathname : location.pathname + '/';
const $ = (id) => document.getElementById(id);
for (const [action, text] of BUTTONS) {
  const button = document.createElement('button');
  button.textContent = text;
  button.onclick = () => fetch(at + 'do/' + action, { method: 'POST' }).then(show);
  $('buttons').append(button);
}
let drawn = '';
async function show() {
  const state = await (await fetch(at + 'state')).json();
  $('label').textContent = state.label;
  $('drawer').className = 'drawer' + (state.drawerOpen ? ' open' : '');
  $('drawerText').textContent = state.drawerOpen ? 'open' : state.drawerJammed ? 'jammed' : 'closed';
  const facts = [['Cable', state.plugged ? 'in' : 'out', !state.plugged], ['Paper', state.paper.replace('_', ' '), state.paper === 'out'], ['Cover', state.coverOpen ? 'open' : 'closed', state.coverOpen], ['On line', state.online ? 'yes' : 'no', !state.online], ['Drawer pulses', state.drawerPulses], ['Slips', state.slipCount], ['Waiting bytes', state.bufferedBytes]];
  $('facts').replaceChildren(...facts.flatMap(([name, value, bad]) => {
    const dt = document.createElement('dt'), dd = document.createElement('dd');
    dt.textContent = name; dd.textContent = value; if (bad) dd.className = 'bad';
    return [dt, dd];
  }));
  $('errors').textContent = state.errors.map((error) => typeof error === 'string' ? error : error.reason + ' at ' + error.offset + ': ' + error.bytes).join('\\n');
  const numbers = state.slips.map((slip) => slip.number).join();
  if (numbers === drawn) return;
  drawn = numbers;
  $('slips').replaceChildren(...state.slips.map((slip) => {
    const image = new Image();
    image.src = at + 'slips/' + slip.number + '.png';
    image.alt = slip.text.join('\\n');
    return image;
  }));
}
show();
setInterval(() => show().catch(() => {}), 700);
</script>
</html>
`;
