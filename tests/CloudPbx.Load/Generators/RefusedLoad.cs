using System.Text;
using CloudPbx.Load.Sip;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Proxying;

namespace CloudPbx.Load.Generators;

/// <summary>INVITEs of about 900 octets to an edge that refuses them, and the ACKs of its 503s. The few that it lets through all the same, to try its worker, count as well.</summary>
internal sealed class RefusedLoad : DatagramLoad
{
    private readonly byte[] _start, _from, _to, _tail;

    /// <param name="target">The edge.</param>
    /// <param name="domain">The host of Request-URI, From and To.</param>
    public RefusedLoad(in UdpAddress target, string domain)
        : base(target)
    {
        string sdp = TestSdp.At(40000, onlyPcma: false);
        _start = Encoding.ASCII.GetBytes($" sip:bob000001@{domain} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{Caller.Port};rport;branch=");
        _from = Encoding.ASCII.GetBytes($"\r\nMax-Forwards: 70\r\nFrom: <sip:alice000001@{domain}>;tag=f");
        _to = Encoding.ASCII.GetBytes($"<sip:bob000001@{domain}>");
        _tail = Encoding.ASCII.GetBytes(
            $"Contact: <sip:alice000001@127.0.0.1:{Caller.Port};transport=udp>\r\nUser-Agent: load/1.0 (load generator)\r\n"
            + "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, MESSAGE, UPDATE, PRACK, REFER, NOTIFY, INFO\r\nSupported: replaces, outbound, path\r\n"
            + $"Content-Type: application/sdp\r\nContent-Length: {sdp.Length}\r\n\r\n{sdp}");
    }

    protected override void Begin(uint unit) => Send("INVITE"u8, unit, _to, _tail);

    protected override void TakeAnswer(uint unit, int step, ref byte state, int status, ReadOnlySpan<byte> answer)
    {
        if (status >= 300 && SipText.TryFind(answer, "To"u8, out ReadOnlySpan<byte> to))
            Send("ACK"u8, unit, to, "Content-Length: 0\r\n\r\n"u8);          // RFC 3261 §17.1.1.3: with the INVITE's branch
        End(unit, status is 200 or 503, status);
    }

    private void Send(ReadOnlySpan<byte> method, uint unit, ReadOnlySpan<byte> to, ReadOnlySpan<byte> tail)
    {
        var writer = new OctetWriter(Caller.Room());
        writer.Write(method);
        writer.Write(_start);
        UnitBranch.Write(ref writer, unit, 0);
        writer.Write(_from);
        writer.WriteHexadecimal(unit);
        writer.Write("\r\nCall-ID: "u8);
        writer.WriteHexadecimal(unit);
        writer.Write("-0123456789abcdef@127.0.0.1\r\nTo: "u8);
        writer.Write(to);
        writer.Write("\r\nCSeq: 1 "u8);
        writer.Write(method);
        writer.Write("\r\n"u8);
        writer.Write(tail);
        Caller.Queue(writer.Length, Target);
    }
}
