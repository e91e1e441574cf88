using System.Globalization;
using System.Net;
using CloudPbx.Sip.Transport;
using CloudPbx.Softphone;
using CloudPbx.TestKit;
using Microsoft.Playwright;

namespace CloudPbx.Load.Browsers;

/// <summary>Phones register, call, answer and hang up, and the page says when it shows it. Both ends are on this machine and read one clock.</summary>
internal sealed class LiveChanges(RunningCluster cluster, IPage page)
{
    private const string Caller = "100", Callee = "101";

    private const string Watch = """
        () => {
          window.shown = [];
          const known = {};
          const look = () => {
            for (const row of document.querySelectorAll('.cp-table tbody tr')) {
              const number = row.querySelector('a.main')?.textContent, dot = row.querySelector('.cp-dot')?.className.split(' ')[1];
              if (number && known[number] !== dot) { known[number] = dot; window.shown.push({ number, state: dot, at: performance.timeOrigin + performance.now() }); }
            }
          };
          look();
          new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
        }
        """;

    /// <summary>Milliseconds from just before the phone's SIP message was sent until the screen showed what it changed.</summary>
    public async Task<IReadOnlyList<double>> MeasureAsync(int rounds, CancellationToken cancel)
    {
        await page.EvaluateAsync(Watch);
        await using Phone caller = await StartAsync(Caller, cancel), callee = await StartAsync(Callee, cancel);
        List<double> took = [];
        for (int round = 0; round < rounds; round++)
        {
            took.Add(await UntilAsync(Caller, "idle", caller.RegisterAsync));
            took.Add(await UntilAsync(Callee, "idle", callee.RegisterAsync));
            PhoneCall? call = null;
            took.Add(await UntilAsync(Callee, "ringing", async () => call = await caller.DialAsync(Callee)));
            PhoneCall atCallee = await callee.IncomingAsync(cancel);
            took.Add(await UntilAsync(Callee, "talking", atCallee.AnswerAsync));
            await call!.Answered;
            took.Add(await UntilAsync(Callee, "idle", atCallee.HangUpAsync));
            took.Add(await UntilAsync(Caller, "offline", caller.UnregisterAsync));
            took.Add(await UntilAsync(Callee, "offline", callee.UnregisterAsync));
        }
        return took;
    }

    private async Task<double> UntilAsync(string number, string state, Func<Task> act)
    {
        await page.EvaluateAsync("() => { window.shown.length = 0; }");
        double sent = (DateTime.UtcNow - DateTime.UnixEpoch).TotalMilliseconds;
        Task done = act();
        IJSHandle seen = await page.WaitForFunctionAsync(
            string.Create(CultureInfo.InvariantCulture, $"() => window.shown.find(change => change.number === '{number}' && change.state === '{state}')?.at"), null, new PageWaitForFunctionOptions { PollingInterval = 20 });
        double shown = await seen.JsonValueAsync<double>();
        await done;
        return shown - sent;
    }

    private Task<Phone> StartAsync(string extension, CancellationToken cancel) => Phone.StartAsync(
        new PhoneOptions
        {
            Server = new IPEndPoint(IPAddress.Loopback, cluster.SipPort), Transport = SipTransport.Udp, Domain = cluster.Domain, User = extension, Password = cluster.PasswordOf(extension), LocalAddress = IPAddress.Loopback,
        }, cancel);
}
