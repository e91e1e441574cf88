using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using CloudPbx.Load.Sip;
using CloudPbx.Load.Sockets;

namespace CloudPbx.Load.Generators;

/// <summary>Phones behind one standing TCP or TLS connection, on the blocking thread of who uses them.</summary>
internal sealed class StreamPhone : IDisposable
{
    private const int ReadTimeoutMilliseconds = 5000;

    private readonly Stream _stream;
    private readonly bool _tls;
    private readonly int _port;
    private readonly LoadUser[] _users;
    private readonly byte[] _out = new byte[2048], _in = new byte[16384];
    private readonly uint _unitOffset;
    private int _length;
    private uint _next;

    private StreamPhone(Stream stream, bool tls, int port, LoadUser[] users, uint unitOffset) =>
        (_stream, _tls, _port, _users, _unitOffset) = (stream, tls, port, users, unitOffset);

    /// <summary>Connects.</summary>
    /// <param name="port">The registrar's port on loopback.</param>
    /// <param name="tlsName">The name that its certificate is asked for by; null for TCP. The certificate is not judged.</param>
    /// <param name="users">Who registers here, in turn.</param>
    /// <param name="unitOffset">The first unit's number.</param>
    public static async Task<StreamPhone> OpenAsync(int port, string? tlsName, LoadUser[] users, uint unitOffset)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = ReadTimeoutMilliseconds };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        Stream stream = new NetworkStream(socket, ownsSocket: true);
        if (tlsName is not null)
        {
#pragma warning disable CA5359 // The load does not judge: a peer's certificate is made for the moment.
            SslStream secured = new(stream, leaveInnerStreamOpen: false, (_, _, _, _) => true);
#pragma warning restore CA5359
            await secured.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = tlsName, EnabledSslProtocols = SslProtocols.None });
            stream = secured;
        }
        return new StreamPhone(stream, tlsName is not null, ((IPEndPoint)socket.LocalEndPoint!).Port, users, unitOffset);
    }

    /// <summary>Registers at a steady rate.</summary>
    public (long Started, long Completed, long LeftOut, int Fault) Run(Pacer pacer, long end, Latencies latencies)
    {
        long started = 0, completed = 0, now;
        int fault = 0;
        while ((now = Pacer.Now) < end)
        {
            if (!pacer.TryTake(now))
            {
                Sleep(Math.Min(pacer.Until(now), end - now));
                continue;
            }
            started++;
            int status = Register();
            if (status != 200)
            {
                fault = status;
                continue;
            }
            completed++;
            lock (latencies)
                latencies.Add((Pacer.Now - now) / 1000);
        }
        return (started, completed, pacer.LeftOut, fault);
    }

    /// <summary>Registers the next user.</summary>
    /// <returns>The last status code, 0 when the connection is gone or silent.</returns>
    public int Register()
    {
        uint round = _next++;
        LoadUser user = _users[round % _users.Length];
        uint sequence = (round / (uint)_users.Length * 2) + 1, unit = _unitOffset + round;
        try
        {
            ReadOnlySpan<byte> answer = default;
            int status = 0;
            for (int step = 0; step < 2 && status is 0 or 401; step++)
            {
                int length = RegisterText.Write(_out, user, unit, step, sequence + (uint)step, _tls ? "TLS"u8 : "TCP"u8, _port, answer);
                if (length == 0)
                    break;
                _stream.Write(_out, 0, length);
                answer = ReadAnswer(unit, step);
                status = SipText.StatusOf(answer);
            }
            return status;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    public void Dispose() => _stream.Dispose();

    // Valid until the next call.
    private ReadOnlySpan<byte> ReadAnswer(uint unit, int step)
    {
        int taken = 0;
        while (true)
        {
            int whole = SipText.WholeLength(_in.AsSpan(taken, _length - taken));
            if (whole == 0)
            {
                _in.AsSpan(taken, _length - taken).CopyTo(_in);
                _length -= taken;
                taken = 0;
                int more = _stream.Read(_in, _length, _in.Length - _length);
                if (more == 0)
                    throw new IOException("closed");
                _length += more;
                continue;
            }
            ReadOnlySpan<byte> message = _in.AsSpan(taken, whole);
            taken += whole;
            int status = SipText.StatusOf(message);
            if (status == 0)
            {
                _stream.Write(_out, 0, Answers.Write(message, "200 OK"u8, default, default, _out));     // the product's ping
            }
            else if (status >= 200 && UnitBranch.TryRead(message, out uint answered, out int answeredStep) && answered == unit && answeredStep == step)
            {
                _length = 0;        // one request at a time: behind its answer stands nothing that is waited for
                return message;
            }
        }
    }

    private static unsafe void Sleep(long nanoseconds)
    {
        Posix.TimeSpec time = Posix.TimeSpec.Of(Math.Max(0, nanoseconds));
        _ = Posix.ppoll(null, 0, &time, null);
    }
}
