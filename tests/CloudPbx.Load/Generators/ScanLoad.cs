using System.Text;
using CloudPbx.Load.Sip;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Proxying;

namespace CloudPbx.Load.Generators;

/// <summary>A scanner from one address: the same request for one extension after the other, with next to nothing in it. It takes whatever answer comes for the unit's end.</summary>
internal sealed class ScanLoad : DatagramLoad
{
    private const uint FirstExtension = 1_000_000;
    private readonly byte[] _method, _domain, _via, _tail;

    /// <param name="target">The edge.</param>
    /// <param name="domain">The tenant's domain: the scanner knows it.</param>
    /// <param name="method">OPTIONS, REGISTER or INVITE.</param>
    public ScanLoad(in UdpAddress target, string domain, string method)
        : base(target)
    {
        _method = Encoding.ASCII.GetBytes(method);
        _domain = Encoding.ASCII.GetBytes(domain);
        _via = Encoding.ASCII.GetBytes($" SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{Caller.Port};rport;branch=");
        _tail = Encoding.ASCII.GetBytes(
            $"\r\nCSeq: 1 {method}\r\nContact: <sip:scanner@127.0.0.1:{Caller.Port}>\r\nMax-Forwards: 70\r\nAccept: application/sdp\r\nUser-Agent: friendly-scanner\r\nContent-Length: 0\r\n\r\n");
    }

    protected override void Begin(uint unit)
    {
        var writer = new OctetWriter(Caller.Room());
        writer.Write(_method);
        writer.Write(" "u8);
        WriteAddress(ref writer, unit);
        writer.Write(_via);
        UnitBranch.Write(ref writer, unit, 0);
        writer.Write("\r\nFrom: <"u8);
        WriteAddress(ref writer, unit);
        writer.Write(">;tag="u8);
        writer.WriteHexadecimal(unit);
        writer.Write("\r\nTo: <"u8);
        WriteAddress(ref writer, unit);
        writer.Write(">\r\nCall-ID: "u8);
        writer.WriteHexadecimal(unit);
        writer.Write(_tail);
        Caller.Queue(writer.Length, Target);
    }

    protected override void TakeAnswer(uint unit, int step, ref byte state, int status, ReadOnlySpan<byte> answer) => End(unit, well: true, status);

    private void WriteAddress(ref OctetWriter writer, uint unit)
    {
        writer.Write("sip:"u8);
        writer.Write((int)(FirstExtension + (unit % FirstExtension)));
        writer.Write("@"u8);
        writer.Write(_domain);
    }
}
