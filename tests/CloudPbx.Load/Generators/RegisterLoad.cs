using CloudPbx.Load.Product;
using CloudPbx.Load.Sip;
using CloudPbx.Load.Sockets;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Load.Generators;

/// <summary>REGISTER over UDP: challenged (401), repeated with credentials, 200. All users in turn, each by one Call-ID with rising CSeq.</summary>
internal sealed class RegisterLoad : DatagramLoad
{
    private readonly LoadUser[] _users;

    /// <param name="target">The registrar.</param>
    /// <param name="users">How many users take part: the last ones, so that a load of calls beside it can call the others.</param>
    public RegisterLoad(in UdpAddress target, int users = Phonebook.Users)
        : base(target) => _users = [.. Enumerable.Range(Phonebook.Users - users, users).Select(index => new LoadUser(index))];

    /// <summary>What else comes to a registered phone: the product's pings. Nobody may call it: it would answer without a session description.</summary>
    protected override void TakeRequest(BatchSocket socket, ReadOnlySpan<byte> request, in UdpAddress from)
    {
        if (!SipText.IsMethod(request, "ACK"u8))
            socket.Queue(Answers.Write(request, "200 OK"u8, default, default, socket.Room()), from);
    }

    protected override void Begin(uint unit) => Send(unit, 0, default);

    protected override void TakeAnswer(uint unit, int step, ref byte state, int status, ReadOnlySpan<byte> answer)
    {
        if (step == 0 && status == 401 && state == 0)
        {
            state = 1;
            Send(unit, 1, answer);
        }
        else if (step == 1 || status != 401)
        {
            End(unit, step == 1 && status == 200, status);
        }
    }

    private void Send(uint unit, int step, ReadOnlySpan<byte> challenge)
    {
        LoadUser user = _users[unit % (uint)_users.Length];
        uint sequence = (unit / (uint)_users.Length * 2) + 1 + (uint)step;
        int length = RegisterText.Write(Caller.Room(), user, unit, step, sequence, "UDP"u8, Caller.Port, challenge);
        if (length > 0)
            Caller.Queue(length, Target);
    }
}
