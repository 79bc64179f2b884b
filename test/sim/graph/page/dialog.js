// Meta's window posts a JSON text with what was chosen; the SDK gets the code by a way of its own.
const tell = (message) => window.opener.postMessage(message, '*');

document.getElementById('agree').addEventListener('click', async () => {
  const { code, session } = await (await fetch('/dialog/choice')).json();
  tell(JSON.stringify({ type: 'WA_EMBEDDED_SIGNUP', event: 'FINISH', version: '3', data: session }));
  tell({ code });
  window.close();
});

document.getElementById('cancel').addEventListener('click', () => {
  tell(
    JSON.stringify({
      type: 'WA_EMBEDDED_SIGNUP',
      event: 'CANCEL',
      version: '3',
      data: { current_step: 'BUSINESS' },
    }),
  );
  tell({ code: null });
  window.close();
});
