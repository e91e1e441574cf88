using System.Globalization;
using System.Net;
using System.Text;
using CloudPbx.Load.Product;
using CloudPbx.Load.Sip;
using CloudPbx.Load.Sockets;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Proxying;

namespace CloudPbx.Load.Generators;

/// <summary>Whole calls without audio: INVITE (challenged where the subject does so), 180, 200, ACK, BYE at once, 200. One socket calls, another is called.</summary>
internal sealed class CallLoad : DatagramLoad
{
    private const int Dialogs = 1 << 15, RoomForTo = 192, RoomForTarget = 192, RoomForRoute = 640, RoomForDialog = RoomForTo + RoomForTarget + RoomForRoute;
    private const byte Invited = 0, Challenged = 1, Answered = 2;

    private readonly LoadUser[] _users;
    private readonly byte[] _dialogs = new byte[Dialogs * RoomForDialog], _sdp, _contact;
    private readonly ushort[] _lengths = new ushort[Dialogs * 3];
    private readonly byte[][]? _targets;
    private readonly SortedDictionary<string, long> _refusals = new(StringComparer.Ordinal);

    /// <param name="target">The subject.</param>
    /// <param name="direct">Whether the Request-URI is the called phone's own address, for a proxy without location service; otherwise it is the called extension.</param>
    /// <param name="users">Users that take part; a user calls another of the same tenant.</param>
    /// <param name="outside">Whether the called phone is a carrier, called by a number outside; see <see cref="Phonebook.DocumentWithTrunk"/>.</param>
    public CallLoad(in UdpAddress target, bool direct, int users = Phonebook.Users, bool outside = false)
        : base(target)
    {
        string called = outside ? Phonebook.CarrierAddress : "127.0.0.1";
        Called = new BatchSocket(IPAddress.Parse(called));
        _users = [.. Enumerable.Range(0, users).Select(index => new LoadUser(index))];
        _sdp = Encoding.ASCII.GetBytes(TestSdp.At(40000, onlyPcma: false));
        _contact = Encoding.ASCII.GetBytes($"Contact: <sip:phone@{called}:{Called.Port}>\r\nServer: load/1.0\r\n");
        if (direct)
            _targets = [.. _users.Select(user => Encoding.ASCII.GetBytes($"sip:{Encoding.ASCII.GetString(user.Number)}@127.0.0.1:{Called.Port}"))];
        else if (outside)
            _targets = [.. _users.Select((user, index) => Encoding.ASCII.GetBytes($"sip:{Phonebook.OutsidePrefix}{Encoding.ASCII.GetString(user.Number)}@{Phonebook.DomainOf(index)}"))];
    }

    /// <summary>The called phone's port on loopback.</summary>
    public int CalledPort => Called!.Port;

    /// <summary>From the INVITE to its 200, in the last run.</summary>
    public Latencies SetUp { get; private set; } = new();

    /// <summary>Calls of the last run that were answered, and should therefore have ended well.</summary>
    public long AnsweredCalls { get; private set; }

    /// <summary>Calls of the last run that were refused with 503.</summary>
    public long Refused { get; private set; }

    /// <summary>How many of them said when to come again.</summary>
    public long RefusedWithRetryAfter { get; private set; }

    /// <summary>How many of them the edge refused, which names no Server, before the worker heard of them.</summary>
    public long RefusedByEdge { get; private set; }

    /// <summary>How the INVITEs of the last run were refused, in words.</summary>
    public string Refusals => string.Join(", ", _refusals.Select(refusal => string.Create(CultureInfo.InvariantCulture, $"{refusal.Value} got {refusal.Key}")));

    /// <summary>Registers every user at the called phone's socket; the calls go there.</summary>
    public async Task RegisterAsync(CancellationToken cancel)
    {
        RegisterRound round = new(Target, Called!, _users);
        await Task.Run(round.Run, cancel);
    }

    protected override void Reset()
    {
        (SetUp, AnsweredCalls, Refused, RefusedWithRetryAfter, RefusedByEdge) = (new Latencies(), 0, 0, 0, 0);
        _refusals.Clear();
    }

    protected override void Begin(uint unit) => SendInvite(unit, 0, default);

    protected override void TakeAnswer(uint unit, int step, ref byte state, int status, ReadOnlySpan<byte> answer)
    {
        switch (step)
        {
            case 0 or 1 when status >= 300:
                SendAck(unit, step, answer);
                if (step == 0 && status == 407 && state == Invited)
                {
                    state = Challenged;
                    SendInvite(unit, 1, answer);
                }
                else if (step == state)
                {
                    Count(status, answer);
                    End(unit, false, status);
                }
                break;
            case 0 or 1 when state != Answered:
                state = Answered;
                AnsweredCalls++;
                SetUp.Add((Pacer.Now - BeganAt(unit)) / 1000);
                if (Keep(unit, answer))
                {
                    SendInDialog(unit, "ACK"u8, 1 + step, 8);
                    SendInDialog(unit, "BYE"u8, 2 + step, 2);
                }
                else
                {
                    End(unit, false, status);
                }
                break;
            case 0 or 1:
                SendInDialog(unit, "ACK"u8, 1 + step, 8);           // a repeated 200
                break;
            default:
                End(unit, status == 200, status);
                break;
        }
    }

    protected override void TakeRequest(BatchSocket socket, ReadOnlySpan<byte> request, in UdpAddress from)
    {
        if (SipText.IsMethod(request, "ACK"u8))
            return;
        bool invite = SipText.IsMethod(request, "INVITE"u8);
        if (invite)
            socket.Queue(Answers.Write(request, "180 Ringing"u8, _contact, default, socket.Room()), from);
        socket.Queue(Answers.Write(request, "200 OK"u8, _contact, invite ? _sdp : default, socket.Room()), from);
    }

    private void Count(int status, ReadOnlySpan<byte> answer)
    {
        string refusal = SipText.TryFind(answer, "Reason"u8, out ReadOnlySpan<byte> reason)
            ? string.Create(CultureInfo.InvariantCulture, $"{status} ({Encoding.ASCII.GetString(reason)})") : status.ToString(CultureInfo.InvariantCulture);
        _refusals[refusal] = _refusals.GetValueOrDefault(refusal) + 1;
        if (status != 503)
            return;
        Refused++;
        if (!SipText.TryFind(answer, "Server"u8, out _))
            RefusedByEdge++;
        if (SipText.TryFind(answer, "Retry-After"u8, out _))
            RefusedWithRetryAfter++;
    }

    // The called one is of the same tenant: neighbours there are as many users apart as there are tenants.
    private (LoadUser Caller, int Called) Parties(uint unit)
    {
        int caller = (int)(unit % (uint)_users.Length);
        return (_users[caller], (caller + Phonebook.Tenants) % _users.Length);
    }

    private ReadOnlySpan<byte> RequestUri(int called) => _targets is null ? _users[called].Address : _targets[called];

    private void WriteStart(ref OctetWriter writer, scoped ReadOnlySpan<byte> method, scoped ReadOnlySpan<byte> uri, uint unit, int step)
    {
        writer.Write(method);
        writer.Write(" "u8);
        writer.Write(uri);
        writer.Write(" SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:"u8);
        writer.Write(Caller.Port);
        writer.Write(";rport;branch="u8);
        UnitBranch.Write(ref writer, unit, step);
        writer.Write("\r\nMax-Forwards: 70\r\n"u8);
    }

    private static void WriteNames(ref OctetWriter writer, LoadUser caller, scoped ReadOnlySpan<byte> to, uint unit, int sequence, scoped ReadOnlySpan<byte> method)
    {
        writer.Write("From: <"u8);
        writer.Write(caller.Address);
        writer.Write(">;tag="u8);
        writer.WriteHexadecimal(unit);
        writer.Write("\r\nTo: "u8);
        writer.Write(to);
        writer.Write("\r\nCall-ID: call-"u8);
        writer.WriteHexadecimal(unit);
        writer.Write("-0123456789abcdef@127.0.0.1\r\nCSeq: "u8);
        writer.Write(sequence);
        writer.Write(" "u8);
        writer.Write(method);
        writer.Write("\r\nUser-Agent: load/1.0 (load generator)\r\n"u8);
    }

    private void SendInvite(uint unit, int step, ReadOnlySpan<byte> challenge)
    {
        (LoadUser caller, int called) = Parties(unit);
        ReadOnlySpan<byte> uri = RequestUri(called);
        Span<byte> to = stackalloc byte[128];
        var name = new OctetWriter(to);
        name.Write("<"u8);
        name.Write(_users[called].Address);
        name.Write(">"u8);
        var writer = new OctetWriter(Caller.Room());
        WriteStart(ref writer, "INVITE"u8, uri, unit, step);
        WriteNames(ref writer, caller, to[..name.Length], unit, 1 + step, "INVITE"u8);
        writer.Write("Contact: <sip:"u8);
        writer.Write(caller.Number);
        writer.Write("@127.0.0.1:"u8);
        writer.Write(Caller.Port);
        writer.Write(";transport=udp>\r\nAllow: INVITE, ACK, CANCEL, BYE, OPTIONS, MESSAGE, UPDATE, PRACK, REFER, NOTIFY, INFO\r\nSupported: replaces, outbound, path\r\n"u8);
        if (step == 1 && !caller.WriteCredentials(ref writer, challenge, "INVITE"u8, uri))
            return;
        writer.Write("Content-Type: application/sdp\r\nContent-Length: "u8);
        writer.Write(_sdp.Length);
        writer.Write("\r\n\r\n"u8);
        writer.Write(_sdp);
        Caller.Queue(writer.Length, Target);
    }

    // RFC 3261 §17.1.1.3: the ACK of a refusal has the INVITE's branch and the answer's To.
    private void SendAck(uint unit, int step, ReadOnlySpan<byte> answer)
    {
        (LoadUser caller, int called) = Parties(unit);
        if (!SipText.TryFind(answer, "To"u8, out ReadOnlySpan<byte> to))
            return;
        var writer = new OctetWriter(Caller.Room());
        WriteStart(ref writer, "ACK"u8, RequestUri(called), unit, step);
        WriteNames(ref writer, caller, to, unit, 1 + step, "ACK"u8);
        writer.Write("Content-Length: 0\r\n\r\n"u8);
        Caller.Queue(writer.Length, Target);
    }

    private void SendInDialog(uint unit, ReadOnlySpan<byte> method, int sequence, int step)
    {
        int dialog = (int)(unit % Dialogs);
        ReadOnlySpan<byte> kept = _dialogs.AsSpan(dialog * RoomForDialog, RoomForDialog);
        ReadOnlySpan<ushort> lengths = _lengths.AsSpan(dialog * 3, 3);
        var writer = new OctetWriter(Caller.Room());
        WriteStart(ref writer, method, kept.Slice(RoomForTo, lengths[1]), unit, step);
        writer.Write(kept.Slice(RoomForTo + RoomForTarget, lengths[2]));
        WriteNames(ref writer, Parties(unit).Caller, kept[..lengths[0]], unit, sequence, method);
        writer.Write("Content-Length: 0\r\n\r\n"u8);
        Caller.Queue(writer.Length, Target);
    }

    /// <summary>Keeps of a 2xx what the dialog's requests need: To, the remote target, the route set turned round (RFC 3261 §12.1.2).</summary>
    private bool Keep(uint unit, ReadOnlySpan<byte> answer)
    {
        int dialog = (int)(unit % Dialogs);
        Span<byte> kept = _dialogs.AsSpan(dialog * RoomForDialog, RoomForDialog);
        if (!SipText.TryFind(answer, "To"u8, out ReadOnlySpan<byte> to) || !SipText.TryFind(answer, "Contact"u8, out ReadOnlySpan<byte> contact))
            return false;
        ReadOnlySpan<byte> target = SipText.AddressIn(contact);
        if (to.Length > RoomForTo || target.Length > RoomForTarget)
            return false;
        to.CopyTo(kept);
        target.CopyTo(kept[RoomForTo..]);
        Span<Range> routes = stackalloc Range[8];
        int count = 0;
        ReadOnlySpan<byte> rest = answer;
        while (SipText.TryReadLine(ref rest, out ReadOnlySpan<byte> line))
        {
            if (count < routes.Length && SipText.IsHeader(line, "Record-Route"u8, out ReadOnlySpan<byte> value))
            {
                int end = answer.Length - rest.Length - 2;
                routes[count++] = (end - value.Length)..end;
            }
        }
        var writer = new OctetWriter(kept[(RoomForTo + RoomForTarget)..]);
        for (int i = count - 1; i >= 0; i--)
        {
            writer.Write("Route: "u8);
            writer.Write(answer[routes[i]]);
            writer.Write("\r\n"u8);
        }
        (_lengths[dialog * 3], _lengths[(dialog * 3) + 1], _lengths[(dialog * 3) + 2]) = ((ushort)to.Length, (ushort)target.Length, (ushort)writer.Length);
        return !writer.Overflowed;
    }
}
