using System.Text;
using CloudPbx.Load.Sip;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Proxying;

namespace CloudPbx.Load.Generators;

/// <summary>OPTIONS of about 500 octets to somebody behind a proxy, who answers 200. A unit is a message: the request and its answer are two.</summary>
internal sealed class ForwardLoad : DatagramLoad
{
    private readonly byte[] _requestUri, _via, _from, _tail;

    /// <param name="target">The proxy.</param>
    /// <param name="requestUri">Whom it is for.</param>
    /// <param name="domain">The host of From and To.</param>
    public ForwardLoad(in UdpAddress target, string requestUri, string domain)
        : base(target)
    {
        _requestUri = Encoding.ASCII.GetBytes(requestUri);
        _tail = Encoding.ASCII.GetBytes(
            $"@{domain}>\r\nCSeq: 1 OPTIONS\r\nContact: <sip:alice000001@127.0.0.1:{Caller.Port};transport=udp>\r\nUser-Agent: load/1.0 (load generator)\r\n"
            + "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, MESSAGE, UPDATE, PRACK, REFER, NOTIFY, INFO\r\nSupported: replaces, outbound, path\r\nContent-Length: 0\r\n\r\n");
        _from = Encoding.ASCII.GetBytes($"\r\nMax-Forwards: 70\r\nFrom: <sip:alice000001@{domain}>;tag=f");
        _via = Encoding.ASCII.GetBytes($"Via: SIP/2.0/UDP 127.0.0.1:{Caller.Port};rport;branch=");
    }

    protected override void Begin(uint unit)
    {
        var writer = new OctetWriter(Caller.Room());
        writer.Write("OPTIONS "u8);
        writer.Write(_requestUri);
        writer.Write(" SIP/2.0\r\n"u8);
        writer.Write(_via);
        UnitBranch.Write(ref writer, unit, 0);
        writer.Write(_from);
        writer.WriteHexadecimal(unit);
        writer.Write("\r\nCall-ID: "u8);
        writer.WriteHexadecimal(unit);
        writer.Write("-0123456789abcdef@127.0.0.1\r\nTo: <sip:bob000001"u8);
        writer.Write(_tail);
        Caller.Queue(writer.Length, Target);
    }

    protected override void TakeAnswer(uint unit, int step, ref byte state, int status, ReadOnlySpan<byte> answer) => End(unit, status == 200, status);

    protected override double UnitsOf(long completed) => 2 * completed;
}
