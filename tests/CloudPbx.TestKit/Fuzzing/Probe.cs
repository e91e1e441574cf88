using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CloudPbx.TestKit.Fuzzing;

/// <summary>Asks by OPTIONS over UDP whether the product still answers, and how fast.</summary>
internal sealed class Probe(IPAddress from, IPEndPoint to, string domain, ProductHuntReport report) : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private readonly Socket _socket = Bind(from);
    private readonly byte[] _buffer = new byte[65536];
    private readonly List<string> _refusals = [];                // what the present question was told instead of 200

    /// <summary>The octets of an OPTIONS request, and the Call-ID that its answer has.</summary>
    public static (byte[] Request, string CallId) Request(string domain, string transport, EndPoint local)
    {
        string id = $"probe-{Guid.NewGuid():N}";
        return (Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"OPTIONS sip:{domain} SIP/2.0\r\nVia: SIP/2.0/{transport} {local};rport;branch=z9hG4bK{id}\r\nMax-Forwards: 70\r\nFrom: <sip:probe@{domain}>;tag=1\r\nTo: <sip:{domain}>\r\nCall-ID: {id}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n")), id);
    }

    /// <summary>Asks once and waits for the answer; asks again after half a second, as a phone does whose datagram was lost on a full queue (T1).</summary>
    public async Task AskAsync(CancellationToken cancel)
    {
        (byte[] request, string id) = Request(domain, "UDP", _socket.LocalEndPoint!);
        long start = Stopwatch.GetTimestamp();
        _refusals.Clear();
        while (Stopwatch.GetElapsedTime(start) < s_patience)
        {
            report.CountHarmless();
            await _socket.SendToAsync(request, SocketFlags.None, to, cancel);
            if (await HearAsync(id, cancel))
            {
                report.CountProbe(Stopwatch.GetElapsedTime(start));
                return;
            }
        }
        report.LoseProbe($"no 200 to {id} over UDP, but {(_refusals.Count == 0 ? "nothing" : string.Join(", ", _refusals))}");
    }

    public void Dispose() => _socket.Dispose();

    private async Task<bool> HearAsync(string id, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(TimeSpan.FromMilliseconds(500));
        try
        {
            while (true)
            {
                int length = await _socket.ReceiveAsync(_buffer, SocketFlags.None, patience.Token);
                string answer = Encoding.Latin1.GetString(_buffer, 0, length);
                if (!answer.Contains(id, StringComparison.Ordinal))
                    continue;
                if (answer.StartsWith("SIP/2.0 200", StringComparison.Ordinal))
                    return true;
                _refusals.Add(answer[..answer.IndexOf('\r', StringComparison.Ordinal)]);
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return false;
        }
    }

    private static Socket Bind(IPAddress address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(address, 0));
        return socket;
    }
}
