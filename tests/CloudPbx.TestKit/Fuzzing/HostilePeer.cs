using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.TestKit.Fuzzing;

/// <summary>One peer that sends hostile messages over one transport, no faster than the product takes them: after each handful it asks by OPTIONS.</summary>
internal sealed class HostilePeer(RunningProduct pbx, HostileMessages messages, ProductHuntReport report, IPAddress from)
{
    private const int Handful = 24;                     // fits into the socket buffer of the product, so that none is lost on the way
    private const int LargestDatagram = 60_000;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_nonceLife = TimeSpan.FromSeconds(120);
    private readonly string _domain = pbx.Domain;
    private readonly byte[] _buffer = new byte[65536];
    private long _learnt;

    public async Task SendDatagramsAsync(long count, CancellationToken cancel)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(from, 0));
        var server = new IPEndPoint(IPAddress.Loopback, pbx.SipPort);
        while (count > 0)
        {
            if (IsTimeToLearn())
                await LearnAsync(SipTransport.Udp, octets => socket.SendToAsync(octets, SocketFlags.None, server, cancel).AsTask(), () => ReceiveAsync(socket, cancel));
            for (int i = 0; i < Handful && count > 0; i++, count--)
            {
                byte[] message = messages.Next(SipTransport.Udp);
                SipTargets.Message(message);                // framer and parser agree on every length
                if (message.Length > LargestDatagram)
                    message = message[..LargestDatagram];
                await socket.SendToAsync(message, SocketFlags.None, server, cancel);
                report.CountSent("UDP");
            }
            (byte[] probe, string id) = Probe.Request(_domain, "UDP", socket.LocalEndPoint!);
            bool heard = false;
            for (int tries = 0; tries < 8 && !heard; tries++)
            {
                report.CountHarmless();
                await socket.SendToAsync(probe, SocketFlags.None, server, cancel);
                while (await ReceiveAsync(socket, cancel) is { Length: > 0 } answer && !(heard = Read(answer, id)))
                    continue;
            }
            if (!heard)
                report.LoseProbe($"no 200 to {id} behind a handful over UDP");
        }
    }

    public async Task SendStreamAsync(SipTransport transport, long count, CancellationToken cancel)
    {
        while (count > 0)
        {
            using var client = new TcpClient(new IPEndPoint(from, 0)) { NoDelay = true };
            await client.ConnectAsync(IPAddress.Loopback, transport == SipTransport.Tls ? pbx.TlsPort : pbx.SipPort, cancel);
            await using Stream stream = transport == SipTransport.Tls ? await SecureAsync(client, cancel) : client.GetStream();
            var reader = new StreamMessages(stream);
            string name = transport == SipTransport.Tls ? "TLS" : "TCP";
            try
            {
                bool whole = true;
                while (count > 0 && whole)
                {
                    if (IsTimeToLearn())
                        await LearnAsync(transport, octets => WriteAsync(stream, octets, cancel), () => reader.NextAsync(s_patience, cancel));
                    List<byte> batch = [];
                    for (int i = 0; i < Handful && count > 0 && whole; i++, count--)
                    {
                        byte[] message = messages.NextForStream(transport);
                        SipTargets.Message(message);
                        whole = HostileMessages.IsWhole(message);
                        batch.AddRange(message);
                        report.CountSent(name);
                    }
                    if (!whole)
                    {
                        // The framing ends here: what comes behind it may be body. The product closes, or waits for the rest until we go.
                        await WriteAsync(stream, [.. batch], cancel);
                        while (await reader.NextAsync(TimeSpan.FromMilliseconds(20), cancel) is { Length: > 0 } answer)
                            Read(answer, "");
                        report.CountBrokenConnection();
                        break;
                    }
                    (byte[] probe, string id) = Probe.Request(_domain, name, client.Client.LocalEndPoint!);
                    batch.AddRange(probe);
                    report.CountHarmless();
                    await WriteAsync(stream, [.. batch], cancel);
                    bool heard = false;
                    while (!heard && await reader.NextAsync(s_patience, cancel) is { Length: > 0 } answer)
                        heard = Read(answer, id);
                    if (!heard)
                    {
                        report.Disagree($"{name}: {(reader.IsClosed ? "closed" : "silent")} behind well-framed messages: {Convert.ToBase64String([.. batch])}");
                        break;
                    }
                }
            }
            catch (IOException)                             // closed while we wrote
            {
                report.CountBrokenConnection();
            }
        }
    }

    private bool IsTimeToLearn() => _learnt == 0 || Environment.TickCount64 - _learnt > s_nonceLife.TotalMilliseconds;

    private async Task LearnAsync(SipTransport transport, Func<byte[], Task> send, Func<Task<byte[]>> receive)
    {
        _learnt = Environment.TickCount64;
        SipRequest request = messages.Challenged(transport);
        report.CountHarmless();
        await send(request.ToBytes());
        for (int tries = 0; tries < 100 && await receive() is { Length: > 0 } octets; tries++)
        {
            if (SipMessage.TryParse(octets, out SipMessage? message) == SipParseError.None && message is SipResponse { StatusCode: 401 } challenge
                && challenge.CallId == request.CallId && messages.Learn(request, challenge))
                return;
        }
    }

    /// <summary>Counts a message of the product's.</summary>
    /// <returns>Whether it is the 200 to our probe.</returns>
    private bool Read(byte[] octets, string probeId)
    {
        SipMessageView.Parse(octets, out SipMessageView view);
        if (view.IsRequest)
        {
            report.CountRequest(Encoding.Latin1.GetString(view.MethodText));
            return false;
        }
        if (octets.Length < 12 || !int.TryParse(octets.AsSpan(8, 3), NumberStyles.None, CultureInfo.InvariantCulture, out int status))
            return false;
        bool isProbe = octets.AsSpan().IndexOf("Call-ID: probe-"u8) >= 0 || octets.AsSpan().IndexOf("\ni:probe-"u8) >= 0;      // S32: short where the request is
        if (!isProbe)
            report.CountAnswer(status, IsWorkers(view, status));
        return isProbe && status == 200 && probeId.Length > 0 && octets.AsSpan().IndexOf(Encoding.ASCII.GetBytes(probeId)) >= 0;
    }

    /// <summary>Whether only a worker answers so: its To tags have 72 bits in 12 characters, the edge's are longer; and the edge has few statuses.</summary>
    private static bool IsWorkers(in SipMessageView view, int status)
    {
        if (status is not (400 or 404 or 416 or 430 or 483 or 503 or 505 or 513))
            return true;
        return view.TryFind(SipHeaderName.To, out SipHeaderView to) && NameAddressView.Parse(to.Value, out NameAddressView address) == SipParseError.None && address.Tag.Length == 12;
    }

    private async Task<byte[]> ReceiveAsync(Socket socket, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(TimeSpan.FromMilliseconds(700));
        try
        {
            int length = await socket.ReceiveAsync(_buffer, SocketFlags.None, patience.Token);
            return _buffer[..length];
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return [];
        }
    }

    private static async Task WriteAsync(Stream stream, byte[] octets, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(s_patience);
        try
        {
            await stream.WriteAsync(octets, patience.Token);
            await stream.FlushAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new IOException("The product does not read.");
        }
    }

    private static async Task<Stream> SecureAsync(TcpClient client, CancellationToken cancel)
    {
#pragma warning disable CA2000, CA5359 // The caller disposes it; who the product is, other tests look at.
        var stream = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, static (_, _, _, _) => true);
#pragma warning restore CA2000, CA5359
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost" }, cancel);
        return stream;
    }
}
