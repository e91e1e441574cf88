using CloudPbx.Load.Sip;
using CloudPbx.Load.Sockets;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Load.Generators;

/// <summary>Registers each of some users once at somebody's socket, a few at a time, and repeats what was lost.</summary>
internal sealed class RegisterRound(UdpAddress target, BatchSocket socket, LoadUser[] users)
{
    private const int AtOnce = 32;
    private const long Patience = 60_000_000_000, Repeat = 1_000_000_000;

    private readonly byte[] _states = new byte[users.Length];       // 0 begun or not, 1 challenged, 2 done
    private readonly long[] _sent = new long[users.Length];

    /// <exception cref="TimeoutException">Not all were taken.</exception>
    public void Run()
    {
        long end = Pacer.Now + Patience;
        int done = 0;
        while (done < users.Length)
        {
            long now = Pacer.Now;
            if (now > end)
                throw new TimeoutException($"only {done} of {users.Length} users could be registered");
            int waiting = 0;
            for (int user = 0; user < users.Length && waiting < AtOnce; user++)
            {
                if (_states[user] == 2)
                    continue;
                waiting++;
                if (now - _sent[user] < Repeat)
                    continue;
                _states[user] = 0;
                Send(user, 0, default, now);
            }
            socket.Flush();
            int count = socket.Receive(wait: false);
            if (count == 0)
                Thread.Sleep(1);
            for (int i = 0; i < count; i++)
                done += Take(socket.Received(i, out UdpAddress from), from) ? 1 : 0;
            socket.Flush();
        }
    }

    private bool Take(ReadOnlySpan<byte> message, in UdpAddress from)
    {
        int status = SipText.StatusOf(message);
        if (status == 0)
        {
            socket.Queue(Answers.Write(message, "200 OK"u8, default, default, socket.Room()), from);
            return false;
        }
        if (!UnitBranch.TryRead(message, out uint user, out int step) || user >= users.Length)
            return false;
        if (step == 0 && status == 401 && _states[user] == 0)
        {
            _states[user] = 1;
            Send((int)user, 1, message, Pacer.Now);
        }
        else if (step == 1 && status == 200 && _states[user] == 1)
        {
            _states[user] = 2;
            return true;
        }
        return false;
    }

    private void Send(int user, int step, ReadOnlySpan<byte> challenge, long now)
    {
        _sent[user] = now;
        uint sequence = (uint)(now / Repeat * 2) + (uint)step;
        int length = RegisterText.Write(socket.Room(), users[user], (uint)user, step, sequence, "UDP"u8, socket.Port, challenge);
        if (length > 0)
            socket.Queue(length, target);
    }
}
