// Stands for https://connect.facebook.net/…/sdk.js.
(() => {
  const home = new URL(document.currentScript.src).origin;
  let started = false;

  window.FB = {
    init({ appId, version }) {
      if (!appId || !/^v\d+\.\d+$/.test(version)) throw new Error('FB.init: appId and version are needed');
      started = true;
    },
    login(callback, options = {}) {
      if (!started) throw new Error('FB.login called before FB.init');
      if (!options.config_id || options.response_type !== 'code' || !options.override_default_response_type) {
        throw new Error('FB.login: Embedded Signup needs config_id, response_type code, and its override');
      }
      const dialog = window.open(`${home}/dialog/oauth`, 'sim_signup', 'popup,width=480,height=420');
      const onMessage = ({ origin, source, data }) => {
        if (origin !== home || source !== dialog || typeof data !== 'object') return;
        window.removeEventListener('message', onMessage);
        callback(
          data.code
            ? { authResponse: { code: data.code }, status: 'connected' }
            : { authResponse: null, status: 'unknown' },
        );
      };
      window.addEventListener('message', onMessage);
    },
  };
  window.fbAsyncInit?.();
})();
