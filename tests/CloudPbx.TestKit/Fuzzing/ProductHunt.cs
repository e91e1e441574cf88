using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CloudPbx.Sip.Transport;

namespace CloudPbx.TestKit.Fuzzing;

/// <summary>
/// Sends hostile messages to a running product over UDP, TCP and TLS, and watches it meanwhile: OPTIONS must be answered throughout, the log must tell of no
/// fault of ours, memory is weighed.
/// </summary>
/// <param name="pbx">The product; started with <see cref="Settings"/>, else its guards keep most messages out.</param>
/// <param name="seed">Where the random numbers begin.</param>
public sealed class ProductHunt(RunningProduct pbx, int seed)
{
    private static readonly string[] s_signs = ["fail:", "crit:", "Unhandled", "   at ", "Exception"];

    /// <summary>The guards of edge and worker off: no limit of messages, no bans for this machine.</summary>
    public static IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>
    {
        ["Edge__MessagesPerSecond"] = "0",
        ["Bans__TrapNames"] = "0",
        ["Edge__MaxConnectionsPerSource"] = "10000",
        ["Bans__TrustedNets__0"] = "127.0.0.0/8",
    };

    /// <summary>What happened so far.</summary>
    public ProductHuntReport Report { get; } = new();

    /// <summary>Sends so many messages: six in ten over UDP, three over TCP, one over TLS.</summary>
    public async Task RunAsync(long messages, CancellationToken cancel)
    {
        int mark = pbx.Process.Output.Count;
        long forwarded = await ForwardedAsync(cancel);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task watched = WatchAsync(over.Token);
        List<Task> senders = [];
        long tls = messages / 10, tcp = messages * 3 / 10, udp = messages - tls - tcp;
        for (int i = 0; i < 2; i++)
        {
            senders.Add(new HostilePeer(pbx, Messages(i), Report, IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"127.7.6.{i + 1}"))).SendDatagramsAsync(Share(udp, i), cancel));
            senders.Add(new HostilePeer(pbx, Messages(2 + i), Report, IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"127.7.6.{i + 3}"))).SendStreamAsync(SipTransport.Tcp, Share(tcp, i), cancel));
        }
        senders.Add(new HostilePeer(pbx, Messages(4), Report, IPAddress.Parse("127.7.6.5")).SendStreamAsync(SipTransport.Tls, tls, cancel));
        await Task.WhenAll(senders);
        await over.CancelAsync();
        await watched;
        Report.Forwarded = await ForwardedAsync(cancel) - forwarded - Report.Harmless;
        Report.Faults.AddRange(pbx.Process.Output.Snapshot().Skip(mark).Where(line => s_signs.Any(sign => line.Contains(sign, StringComparison.Ordinal))));
        if (pbx.Process.HasExited)
            Report.Faults.Add($"the product ended with {pbx.Process.ExitCode}");
    }

    private static long Share(long all, int i) => i == 0 ? all - (all / 2) : all / 2;

    private HostileMessages Messages(int i) => new(pbx.Domain, "100", pbx.PasswordOf("100"), (seed * 10) + i);

    /// <summary>A peer that asks all the time whether the product is there, from an address of its own; and a pair of scales.</summary>
    private async Task WatchAsync(CancellationToken over)
    {
        using var probe = new Probe(IPAddress.Parse("127.7.6.200"), new IPEndPoint(IPAddress.Loopback, pbx.SipPort), pbx.Domain, Report);
        using var clock = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        try
        {
            for (long tick = 0; await clock.WaitForNextTickAsync(over); tick++)
            {
                await probe.AskAsync(over);
                if (tick % 50 == 0)
                    Weigh();
            }
        }
        catch (OperationCanceledException)
        {
            Weigh();
        }
    }

    /// <summary>What the edge has forwarded inwards so far, of its own metrics.</summary>
    private async Task<long> ForwardedAsync(CancellationToken cancel)
    {
        (_, string page) = await pbx.Api.PageAsync("/metrics", cancel);
        return page.Split('\n')
            .Where(line => line.StartsWith("cloudpbx_edge_messages_forwarded", StringComparison.Ordinal) && line.Contains("direction=\"inward\"", StringComparison.Ordinal))
            .Sum(line => (long)double.Parse(line[(line.IndexOf('}', StringComparison.Ordinal) + 1)..].Trim().Split(' ')[0], CultureInfo.InvariantCulture));
    }

    private void Weigh() => Report.Weigh(ResidentKiB(pbx.Process.Id), ResidentKiB(pbx.MediaProcessId));

    private static long ResidentKiB(int process)
    {
        try
        {
            string line = File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
            return long.Parse(line.AsSpan("VmRSS:".Length, line.Length - "VmRSS:".Length - " kB".Length).Trim(), CultureInfo.InvariantCulture);
        }
        catch (Exception gone) when (gone is IOException or InvalidOperationException)
        {
            return 0;
        }
    }
}
