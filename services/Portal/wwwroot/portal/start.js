// A lost connection: tries again quickly at first, then every few seconds, and loads the page anew where the server has forgotten it.
const notice = document.getElementById('components-reconnect-modal');
let stopped = false;
Blazor.start({
  circuit: {
    reconnectionHandler: {
      onConnectionDown() {
        notice.dataset.state = 'wait';
        stopped = false;
        (async () => {
          for (let attempt = 0; !stopped; attempt++) {
            await new Promise(done => setTimeout(done, attempt < 5 ? 300 : 3000));
            if (stopped) return;
            try {
              if (await Blazor.reconnect()) return;
              if (typeof Blazor.resumeCircuit === 'function' && await Blazor.resumeCircuit()) return;
              // The server was started anew: it does not know this page. A call is not ended for that.
              while (window.cloudpbx.phone?.isBusy) await new Promise(done => setTimeout(done, 1000));
              location.reload();
              return;
            } catch { /* it is away still */ }
          }
        })();
      },
      onConnectionUp() { stopped = true; delete notice.dataset.state; window.cloudpbx.phone?.tell(); },
    },
  },
});
