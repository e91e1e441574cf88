// What the server cannot know or do by itself: the browser's colours, its time zone, its clipboard. In the head, so that the first paint has the right colours.
(() => {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const chosen = () => localStorage.getItem('cloudpbx-scheme');
  const scheme = () => chosen() ?? (dark.matches ? 'dark' : 'light');
  const show = () => { document.documentElement.dataset.scheme = scheme(); };
  show();
  let listener = null;
  dark.addEventListener('change', () => { show(); listener?.invokeMethodAsync('SchemeChanged', scheme() === 'dark'); });
  window.cloudpbx = {
    begin(dotnet) {
      listener = dotnet;
      return { dark: scheme() === 'dark', zone: Intl.DateTimeFormat().resolvedOptions().timeZone };
    },
    setDark(on) { localStorage.setItem('cloudpbx-scheme', on ? 'dark' : 'light'); show(); },
    async copy(text) {
      if (navigator.clipboard) { await navigator.clipboard.writeText(text); return true; }
      return false;
    },
    download(name, type, text) {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([text], { type }));
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    },
    click(selector) { document.querySelector(selector)?.click(); },
  };
})();
